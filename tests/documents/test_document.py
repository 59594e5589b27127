"""Documents are canonical bytes: the same declared, the same bytes, as an independent implementation writes them."""

from __future__ import annotations

import json

import msgspec
import pytest
import rfc8785

from shouxin.actors.account import ROLES
from shouxin.documents.assessment import assessment_draft
from shouxin.documents.declared import Declared
from shouxin.documents.document import canonical
from shouxin.documents.inventory import inventory
from shouxin.documents.laid_out import Derived, laid_out
from shouxin.documents.processing_record import processing_record
from shouxin.documents.sharing import sharing_list
from shouxin.documents.words import Language
from tests.documents.lender import BUREAU, card, declared

HOSTILE = '"\\\b\t\n\f\r\x00\x1f\x7f\u2028<>&é中\U00020bb7#import "x"'


def _all(given: Declared, language: Language) -> list[Derived]:
    return [
        processing_record(given, language),
        inventory(given, language),
        sharing_list(given, language),
        assessment_draft(given, language, ROLES),
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_values_and_documents_are_canonical_json(language: Language) -> None:
    """The bytes are RFC 8785's, also with every character that JSON escapes in a title."""
    hostile = card(
        "emergency.contact", title_zh=HOSTILE, title_en=HOSTILE, recipients=("bureau",), contracts={"bureau": HOSTILE}
    )
    for value in _all(declared(hostile, card("credit.scoring"), recipients=(BUREAU,)), language):
        for one in (value, laid_out(value)):
            assert canonical(one) == rfc8785.dumps(msgspec.to_builtins(one))


def test_the_order_of_cards_makes_no_difference() -> None:
    """Two lenders who declared the same have the same documents."""
    one, other = card("credit.scoring"), card("emergency.contact")
    for first, second in zip(_all(declared(one, other), "zh"), _all(declared(other, one), "zh"), strict=True):
        assert canonical(first) == canonical(second)


def test_a_language_changes_words_and_no_code() -> None:
    """The Chinese and the English value differ in texts only: everything that is a code is the same."""

    def codes(value: object) -> object:
        if isinstance(value, dict):
            texts = {"language", "title", "explanation", "automated_explanation", "text", "why", "mend"}
            return {key: codes(one) for key, one in value.items() if key not in texts}
        return [codes(one) for one in value] if isinstance(value, list) else value

    for zh, en in zip(_all(declared(), "zh"), _all(declared(), "en"), strict=True):
        assert canonical(zh) != canonical(en)
        assert codes(json.loads(canonical(zh))) == codes(json.loads(canonical(en)))
