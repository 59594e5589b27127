"""The port of signed notices (``consent.signature.SignatureReader``): one suite over every driver.

A driver's line has a reader that trusts ``ROOT``, the notice as it is sent, and how somebody signs it. What only one
format can do wrong is tested beside its driver.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from shouxin.connectors.signed_pdf import SignedPdf
from shouxin.consent.signature import SignatureReader
from shouxin.domain.clock import HOUR, Instant
from shouxin.errors import Invalid, Refused
from tests.connectors.papers import NOW, Paper, paper
from tests.connectors.test_signed_pdf import BORROWER, DIGEST, DOCUMENT, ROOT, SERVED, SIGNED, signed


@dataclass(frozen=True)
class Desk:
    """A format: who checks, what is sent, and how it is signed."""

    reader: SignatureReader
    sent: bytes
    sign: Callable[[Paper, Instant], bytes]


DESKS: Final[dict[str, Desk]] = {
    "pdf": Desk(SignedPdf(ROOT.pem), DOCUMENT, lambda who, at: signed(DOCUMENT, who, at)),
}
STRANGER: Final = paper("Stranger")


@pytest.fixture(params=list(DESKS.values()), ids=list(DESKS))
def desk(request: pytest.FixtureRequest) -> Desk:
    """Each driver in turn."""
    found: Desk = request.param
    return found


def _reasons(desk: Desk, document: bytes, notice: bytes = DIGEST, now: Instant = NOW) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        desk.reader.check(document, notice, SERVED, now)
    return list(caught.value.reasons)


def test_a_signed_notice_names_who_when_what_and_itself(desk: Desk) -> None:
    """Certificate, notice and document by their SHA-256, and the time that the signer said."""
    document = desk.sign(BORROWER, SIGNED)
    proved = desk.reader.check(document, DIGEST, SERVED, NOW)
    assert proved.certificate == BORROWER.certificate.fingerprint(SHA256())
    assert (proved.signed_at, proved.notice) == (SIGNED, DIGEST)
    assert proved.document == hashlib.sha256(document).digest()


def test_what_proves_nothing_is_refused_with_an_article(desk: Desk) -> None:
    """Not signed, signed by a stranger, before it was served, in the future, or another notice."""
    whole = desk.sign(BORROWER, SIGNED)
    refused = [
        _reasons(desk, desk.sent),
        _reasons(desk, desk.sign(STRANGER, SIGNED)),
        _reasons(desk, desk.sign(BORROWER, Instant(SERVED - HOUR))),
        _reasons(desk, whole, now=Instant(SIGNED - HOUR // 4)),
        _reasons(desk, whole, hashlib.sha256(b"another notice").digest()),
    ]
    assert all(code and article for reasons in refused for code, article in reasons)
    assert len({frozenset(reasons) for reasons in refused}) == len(refused), "each says another reason"


def test_every_reason_is_said_at_once(desk: Desk) -> None:
    """A stranger's signature under another notice has the reasons of both."""
    by_stranger = desk.sign(STRANGER, SIGNED)
    other = hashlib.sha256(b"another notice").digest()
    both = {*_reasons(desk, by_stranger), *_reasons(desk, desk.sign(BORROWER, SIGNED), other)}
    assert {*_reasons(desk, by_stranger, other)} == both


@pytest.mark.parametrize("document", [b"", b"yes, I agree", bytes(range(256)) * 64])
def test_what_is_no_document_of_the_kind_is_invalid(desk: Desk, document: bytes) -> None:
    """Nothing, words and noise are no signed notice, and the error repeats none of it."""
    with pytest.raises(Invalid) as caught:
        desk.reader.check(document, DIGEST, SERVED, NOW)
    assert "agree" not in str(caught.value)
