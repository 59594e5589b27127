"""Consent by signature: what a signed notice says once it was checked, and the port that checks it.

The driver is ``connectors/signed_pdf.py`` (PAdES); it never makes cryptography of its own. A signature that is refused
is the borrower's to mend, so it is ``Refused`` with its reasons, not an integrity failure of ours.

**Source:** 电子签名法 13: a signature is reliable when its data is the signer's own, under their control alone, and any
change of signature or document after signing can be found; 14: then it counts as a hand-written one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from shouxin.domain.clock import Instant

__all__ = ["NoticeSignature", "SignatureReader"]


@dataclass(frozen=True, slots=True)
class NoticeSignature:
    """A signature that held. All but the time are SHA-256: of the signer's certificate, the notice, the document.

    ``signed_at`` is what the signer's own machine said: it lies between serving and receiving, and no closer bound is
    proved. ``document`` goes into the ``seal`` of the answer.
    """

    certificate: bytes
    signed_at: Instant
    notice: bytes
    document: bytes


class SignatureReader(Protocol):
    """Checks a signed notice that came back."""

    def check(self, document: bytes, notice: bytes, served: Instant, now: Instant) -> NoticeSignature:
        """Return what ``document`` proves: the notice of this digest, signed between ``served`` and ``now``.

        Raises:
            Invalid: no document of a kind that is read here. Refused: with every reason why it proves nothing.
        """
        ...
