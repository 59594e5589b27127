"""The port of others' recognisers (``detection.foreign.OtherRecogniser``): one suite over every one that we know.

A line makes a recogniser and gives a text of which it must say one thing. Presidio's are too heavy for the environment
of the tests; in that of the benchmarks, which has the package, they go through the suite as well.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Final

import pytest

from shouxin.detection import plain
from shouxin.detection.foreign import KIND_OF_ENTITY, OtherRecogniser, with_recognisers
from tests.detection.test_foreign import ByPattern

# A recogniser, and what it finds under which name.
Told = tuple[Callable[[], OtherRecogniser], str, str]


def _presidio(name: str) -> OtherRecogniser:
    made: OtherRecogniser = getattr(import_module("presidio_analyzer.predefined_recognizers"), name)()
    return made


OWN: Final[dict[str, Told]] = {
    "own": (lambda: ByPattern("UK_NINO", r"[A-Z]{2}\d{6}[A-D]", 1.0), "UK_NINO", "QQ123456C"),
}
PRESIDIO: Final[dict[str, Told]] = {
    "presidio-nino": (partial(_presidio, "UkNinoRecognizer"), "UK_NINO", "AB123456C"),
    "presidio-card": (partial(_presidio, "CreditCardRecognizer"), "CREDIT_CARD", "4012888888881881"),
    "presidio-iban": (partial(_presidio, "IbanRecognizer"), "IBAN_CODE", "DE89370400440532013000"),
    "presidio-phone": (partial(_presidio, "PhoneRecognizer"), "PHONE_NUMBER", "+1 650-253-0000"),
}


RECOGNISERS: Final = OWN | PRESIDIO if find_spec("presidio_analyzer") else OWN


@pytest.fixture(params=list(RECOGNISERS.values()), ids=list(RECOGNISERS))
def told(request: pytest.FixtureRequest) -> tuple[OtherRecogniser, str, str]:
    """Each recogniser in turn, the name under which it finds something, and that."""
    make, entity, sample = request.param
    return make(), entity, sample


def test_it_says_what_it_looks_for(told: tuple[OtherRecogniser, str, str]) -> None:
    """Names, always the same; what it is here for is one of them, and one that we grade."""
    recogniser, entity, _ = told
    assert entity in recogniser.supported_entities == recogniser.supported_entities
    assert all(type(name) is str for name in recogniser.supported_entities)
    assert entity in KIND_OF_ENTITY


@pytest.mark.parametrize("before", ["", "国民保险号 ", "\U0001f600 a\n"])
def test_it_says_where_a_thing_stands_in_characters(told: tuple[OtherRecogniser, str, str], before: str) -> None:
    """Begin and end cut the thing out of the text, at most with a blank beside it; the score is from 0 to 1."""
    recogniser, entity, sample = told
    text = f"{before}{sample} and more"
    found = [one for one in recogniser.analyze(text, [entity], None) or () if one.entity_type == entity]
    assert sample in [text[one.start : one.end].strip() for one in found]
    assert all(0 <= one.start < one.end <= len(text) and 0 <= one.score <= 1 for one in found)


def test_where_nothing_stands_it_says_nothing(told: tuple[OtherRecogniser, str, str]) -> None:
    """Nothing, or no answer at all; and what it was asked before changes nothing."""
    recogniser, entity, sample = told
    assert recogniser.analyze(sample, [entity], None)
    assert not recogniser.analyze("今天天气很好", [entity], None)
    assert not recogniser.analyze("", [entity], None)


def test_beside_ours_it_adds_what_it_finds(told: tuple[OtherRecogniser, str, str]) -> None:
    """At the bytes at which it stands; unless we found the same, which is reported once."""
    recogniser, entity, sample = told
    block = f"客户 {sample} 。".encode()
    found = list(with_recognisers(plain.find, [recogniser])(block))
    assert [block[one.start : one.end].decode().strip() for one in found] == [sample]
    assert {one.kind for one in found} == {KIND_OF_ENTITY[entity]}
