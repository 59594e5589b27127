"""Signed notices as PDF: put a signature on one, and check one that a borrower returned (PAdES-B-B, through pyHanko).

Laws of this file. It makes no cryptography of its own. Trust comes from the roots that the caller gives: certificates
inside a document may lead to a root and never are one. One signature, over every byte of the file: whatever was added
after signing is refused, also what viewers accept. Nothing is fetched: no address in a certificate is followed.

Known holes. A signing time is what the signer's machine says; only its bounds are checked. Without revocation lists
(``revocations``) a revoked certificate is not known as one. The parser works in memory: ``MOST_BYTES`` bounds the file,
not what its streams unpack to. The signature's own hexadecimal digits may be written in another case: the signature is
then the same, and the document's digest is not.

Needs the extra ``signing``. **Source:** ETSI EN 319 142-1 (PAdES baseline B-B); ISO 32000-2, 12.8; 电子签名法 13.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, PdfObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from shouxin.connectors.notice_pdf import ATTACHMENT
from shouxin.consent.signature import NoticeSignature
from shouxin.domain.clock import Instant
from shouxin.errors import Invalid, Misconfigured, Refused

__all__ = ["REASONS", "SignedPdf", "sign_notice"]

MOST_BYTES: Final = 20 * 1024 * 1024
_FIELD: Final = "Signature"
_SKEW: Final = 2 * 60 * 1000  # by how much the clocks of signer and lender may differ, in milliseconds
_MOST_NODES: Final = 256

# Every reason for which a signature proves nothing, with the article that wants otherwise.
REASONS: Final = {
    "signature-missing": "ESL 13(1)",
    "signatures-other-than-one": "ESL 13(1)",
    "signature-broken": "ESL 13(1)(3)",
    "changed-after-signing": "ESL 13(1)(4)",
    "certificate-not-trusted": "ESL 13(1)(1)",
    "certificate-expired": "ESL 13(1)(1)",
    "certificate-revoked": "ESL 13(1)(2)",
    "certificate-not-for-signing": "ESL 13(1)(1)",
    "signing-time-missing": "PIPL 14(1)",
    "signing-time-before-served": "PIPL 14(1)",
    "signing-time-in-the-future": "PIPL 14(1)",
    "notice-missing": "PIPL 14(1)",
    "notice-of-another-text": "PIPL 14(1)",
    "not-the-document-that-was-sent": "ESL 13(1)(4)",
}
_LOGGERS: Final = ("pyhanko", "pyhanko_certvalidator")


class _SignerAt(PdfSigner):
    """pyHanko's signer, with the clock as an argument."""

    when: datetime

    def init_signing_session(
        self,
        pdf_out: BasePdfFileWriter,
        existing_fields_only: bool = False,  # noqa: FBT001, FBT002 - pyHanko's
    ) -> PdfSigningSession:
        """Begin as pyHanko does, at the time that was given."""
        session: PdfSigningSession = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.when
        return session


def sign_notice(document: bytes, key: bytes, certificate: bytes, now: Instant, chain: bytes = b"") -> bytes:
    """Return ``document`` with a signature over all of it, made at ``now``.

    ``key`` (unencrypted), ``certificate`` and ``chain`` (the certificates between it and a root) are PEM.

    Raises:
        Misconfigured: key or certificate do not read. Invalid: the document does not.
    """
    try:
        (signing,) = load_certs_from_pemder_data(certificate)
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(load_certs_from_pemder_data(chain) if chain else ())
        private = load_private_key_from_pemder_data(key, passphrase=None)
        signer = SimpleSigner(signing_cert=signing, signing_key=private, cert_registry=store, embed_roots=False)
    except Exception:
        raise Misconfigured("the signing key or its certificate does not read") from None
    meta = PdfSignatureMetadata(field_name=_FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    try:
        made = _SignerAt(meta, signer)
        made.when = datetime.fromtimestamp(now / 1000, UTC)
        signed = made.sign_pdf(IncrementalPdfFileWriter(BytesIO(document)))
    except Exception:
        raise Invalid("the document cannot be signed", "document") from None
    return bytes(signed.getvalue())


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """Checks signed notices (``consent.signature.SignatureReader``).

    ``roots`` are the certificates that the lender trusts, PEM; ``revocations`` lists of revoked certificates, DER,
    fetched by somebody else; where any is given, every certificate below the root needs one. ``sent`` is the document
    as it was sent: a signed one then begins with exactly its bytes, so that the page that was read is the page that was
    sent; empty: not compared.
    """

    roots: bytes
    revocations: tuple[bytes, ...] = ()
    sent: bytes = field(default=b"", repr=False)

    def check(self, document: bytes, notice: bytes, served: Instant, now: Instant) -> NoticeSignature:
        """Return what ``document`` proves: the notice of this digest, signed between ``served`` and ``now``.

        Raises:
            Invalid: not a PDF that reads, encrypted, or too large. Refused: with every reason why it proves nothing.
            Misconfigured: the roots or the revocation lists do not read.
        """
        if len(document) > MOST_BYTES:
            raise Invalid(f"a signed notice has at most {MOST_BYTES} bytes", "document")
        _say_nothing()
        context = self._context(now)
        reader, signatures = _read(document)
        if len(signatures) != 1:
            raise _refused(["signatures-other-than-one" if signatures else "signature-missing"])
        (embedded,) = signatures
        try:
            status = validate_pdf_signature(embedded, context)
        except Exception:
            raise _refused(["signature-broken"]) from None
        signed_at = status.signer_reported_dt or embedded.self_reported_timestamp
        moment = Instant(int(signed_at.timestamp() * 1000)) if signed_at is not None else None
        reasons = [*_flaws(status, now), *_early_or_late(moment, served, now), *_other_text(reader, notice)]
        if not document.startswith(self.sent):
            reasons.append("not-the-document-that-was-sent")
        if reasons or moment is None:
            raise _refused(reasons)
        certificate = hashlib.sha256(status.signing_cert.dump()).digest()
        return NoticeSignature(certificate, moment, notice, hashlib.sha256(document).digest())

    def _context(self, now: Instant) -> ValidationContext:
        """Trust as it is now: a certificate that has expired since signing has no proof that it was earlier."""
        try:
            return ValidationContext(
                trust_roots=list(load_certs_from_pemder_data(self.roots)),
                moment=datetime.fromtimestamp(now / 1000, UTC),
                crls=self.revocations,
                allow_fetching=False,
                revocation_mode="require" if self.revocations else "soft-fail",
            )
        except Exception:
            raise Misconfigured("the trusted roots or the revocation lists do not read") from None


def _refused(codes: list[str]) -> Refused:
    return Refused("the signature does not prove this consent", [(code, REASONS[code]) for code in codes])


def _read(document: bytes) -> tuple[PdfFileReader, list[EmbeddedPdfSignature]]:
    try:
        reader = PdfFileReader(BytesIO(document), strict=True)
        signatures = [] if reader.encrypted else list(reader.embedded_signatures)
    except Exception:
        raise Invalid("this is not a PDF that reads", "document") from None
    if reader.encrypted:
        raise Invalid("an encrypted document cannot be checked", "document")
    return reader, signatures


def _flaws(status: PdfSignatureStatus, now: Instant) -> Iterator[str]:
    """Yield what is wrong with the signature itself and with who made it."""
    if not (status.intact and status.valid and status.seed_value_ok):
        yield "signature-broken"
    if status.coverage is not SignatureCoverageLevel.ENTIRE_FILE or not status.docmdp_ok:
        yield "changed-after-signing"
    if status.revoked:
        yield "certificate-revoked"
    elif not status.trusted:
        yield _distrust(status, datetime.fromtimestamp(now / 1000, UTC))


def _distrust(status: PdfSignatureStatus, now: datetime) -> str:
    own = status.signing_cert
    if not own.not_valid_before <= now <= own.not_valid_after:
        return "certificate-expired"
    unfit = status.trust_problem_indic is AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE and own.self_signed == "no"
    return "certificate-not-for-signing" if unfit else "certificate-not-trusted"


def _early_or_late(moment: Instant | None, served: Instant, now: Instant) -> Iterator[str]:
    if moment is None:
        yield "signing-time-missing"
    elif moment < served - _SKEW:
        yield "signing-time-before-served"
    elif moment > now + _SKEW:
        yield "signing-time-in-the-future"


def _attached(tree: DictionaryObject) -> Iterator[tuple[str, DictionaryObject]]:
    """Yield names and file specifications of a name tree (ISO 32000-2, 7.9.6); of an endless one, the beginning."""
    waiting = [tree]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop()
        names, below = (node[key] if key in node else ArrayObject() for key in ("/Names", "/Kids"))
        yield from ((str(names[at]), names[at + 1]) for at in range(0, len(names), 2))
        waiting += [below[at] for at in range(min(len(below), _MOST_NODES - len(waiting)))]


def _other_text(reader: PdfFileReader, notice: bytes) -> Iterator[str]:
    """Yield why the document does not hold the notice of this digest."""
    try:
        found = [one["/EF"]["/F"].data for name, one in _attached(_files(reader)) if name == ATTACHMENT]
    except Exception:
        found = []
    if len(found) != 1:
        yield "notice-missing"
    elif hashlib.sha256(found[0]).digest() != notice:
        yield "notice-of-another-text"


def _files(reader: PdfFileReader) -> DictionaryObject:
    """Return the tree of attachments, empty where there is none; ``[]`` follows references, ``get`` does not."""
    tree: PdfObject = reader.root
    for key in ("/Names", "/EmbeddedFiles"):
        if not isinstance(tree, DictionaryObject) or key not in tree:
            return DictionaryObject({})  # type: ignore[no-untyped-call]
        tree = tree[key]
    if not isinstance(tree, DictionaryObject):
        raise Invalid("the attachments of this document do not read", "document")
    return tree


def _say_nothing() -> None:
    """Keep pyHanko's own log silent: it writes the names in certificates, which are people's."""
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
