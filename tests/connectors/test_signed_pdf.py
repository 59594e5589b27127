"""A signed notice proves a consent if it is whole, trusted, in time and holds the notice; else it is refused."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf

from shouxin.connectors.notice_pdf import ATTACHMENT, notice_pdf
from shouxin.connectors.signed_pdf import REASONS, SignedPdf, sign_notice
from shouxin.consent.signature import NoticeSignature, SignatureReader
from shouxin.domain.clock import DAY, HOUR, Instant
from shouxin.errors import Invalid, Misconfigured, Refused
from tests.connectors.papers import NOW, Paper, paper, revoked

TEXT = "请您单独同意：视频面签\n编号：interview.video/1/zh/separate-consent/sensitive\n\n1. #strong[x] $y$\n- 种类\n"
DIGEST = hashlib.sha256(TEXT.encode()).digest()
FONT = "Libertinus Serif"
SERVED = Instant(NOW - HOUR)
SIGNED = Instant(NOW - HOUR // 2)

ROOT = paper("Root", ca=True)
MIDDLE = paper("Middle", ROOT, ca=True)
BORROWER = paper("Borrower", MIDDLE)
DOCUMENT = notice_pdf(TEXT, "视频面签", "zh", FONT, SERVED)


def signed(document: bytes = DOCUMENT, who: Paper = BORROWER, at: Instant = SIGNED, chain: bytes = MIDDLE.pem) -> bytes:
    """A notice signed by ``who``."""
    return sign_notice(document, who.key, who.pem, at, chain)


RETURNED = signed()


def check(document: bytes = RETURNED, now: Instant = NOW, served: Instant = SERVED, **other: object) -> NoticeSignature:
    """What the document proves to whoever trusts the root."""
    reader: SignatureReader = SignedPdf(**{"roots": ROOT.pem, **other})  # type: ignore[arg-type]
    return reader.check(document, DIGEST, served, now)


def refusals(*arguments: bytes, **other: object) -> set[str]:
    """Why it is refused."""
    with pytest.raises(Refused) as caught:
        check(*arguments, **other)  # type: ignore[arg-type]
    return {code for code, _ in caught.value.reasons}


def test_a_whole_trusted_signature_in_time_proves_the_notice() -> None:
    """The signature names certificate, time, notice and document by their digests."""
    proved = check()
    fingerprint = BORROWER.certificate.fingerprint(SHA256())
    assert proved == NoticeSignature(fingerprint, SIGNED, DIGEST, hashlib.sha256(RETURNED).digest())
    assert check(sent=DOCUMENT) == proved, "and it is the document that was sent"


def test_no_flipped_byte_passes() -> None:
    """Anywhere but in the signature's own digits: it no longer holds, or the document no longer reads."""
    start = RETURNED.index(b"/Contents <") + len(b"/Contents <")
    end = RETURNED.index(b">", start)
    places = [at for at in range(0, len(RETURNED), len(RETURNED) // 80) if not start <= at < end]
    assert len(places) > 40
    named = 0
    for at in places:
        broken = RETURNED[:at] + bytes([RETURNED[at] ^ 1]) + RETURNED[at + 1 :]
        with pytest.raises((Refused, Invalid)) as caught:
            check(broken)
        named += isinstance(caught.value, Refused)
    assert named > 10, "most of it still reads, and is refused by name"


def test_a_flipped_byte_inside_the_attached_notice_is_a_broken_signature() -> None:
    """Where the document still reads, the reason is named with its article."""
    at = RETURNED.index(b"stream") + 40
    broken = RETURNED[:at] + bytes([RETURNED[at] ^ 1]) + RETURNED[at + 1 :]
    with pytest.raises(Refused) as caught:
        check(broken)
    assert ("signature-broken", "ESL 13(1)(3)") in caught.value.reasons


def test_what_was_added_after_signing_is_refused() -> None:
    """An incremental update that viewers would accept is a change of the document all the same."""
    writer = IncrementalPdfFileWriter(BytesIO(RETURNED))
    writer.root["/Shouxin"] = generic.pdf_name("/Later")
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(RETURNED)
    assert "changed-after-signing" in refusals(out.getvalue())

    filled = IncrementalPdfFileWriter(BytesIO(RETURNED))
    append_signature_field(filled, SigFieldSpec("Second"))
    out = BytesIO()
    filled.write(out)
    assert "changed-after-signing" in refusals(out.getvalue())
    with pytest.raises((Refused, Invalid)):
        check(RETURNED + b"\n%%EOF\n")


def test_two_signatures_or_none_prove_nothing() -> None:
    """One person signs one notice once."""
    assert refusals(DOCUMENT) == {"signature-missing"}
    writer = IncrementalPdfFileWriter(BytesIO(RETURNED))
    other = paper("Other", ROOT)
    signer = _signer(other)
    twice = sign_pdf(writer, PdfSignatureMetadata(field_name="Second"), signer=signer)
    assert refusals(twice.getvalue()) == {"signatures-other-than-one"}


def _signer(who: Paper) -> SimpleSigner:
    from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    (certificate,) = load_certs_from_pemder_data(who.pem)
    key = load_private_key_from_pemder_data(who.key, passphrase=None)
    return SimpleSigner(signing_cert=certificate, signing_key=key, cert_registry=SimpleCertificateStore())


def test_a_document_that_brings_its_own_trust_is_refused() -> None:
    """A chain to a root of the signer's own, also when the document holds that root, and a lone certificate."""
    own = paper("Root", ca=True)
    mallory = paper("Borrower", own)
    assert refusals(signed(who=mallory, chain=own.pem)) == {"certificate-not-trusted"}
    alone = paper("Borrower")
    assert refusals(signed(who=alone, chain=b"")) == {"certificate-not-trusted"}
    assert check(signed(who=mallory, chain=own.pem), roots=own.pem), "to whoever trusts that root it is one"


def test_a_missing_link_of_the_chain_is_refused() -> None:
    """Without the certificate between, no way leads to the root."""
    assert refusals(signed(chain=b"")) == {"certificate-not-trusted"}


@pytest.mark.parametrize("days", [(-400, -1), (1, 400)])
def test_an_expired_or_future_certificate_is_refused(days: tuple[int, int]) -> None:
    """Also when the signing time says that it was valid then: nobody proves that time."""
    late = paper("Borrower", MIDDLE, days=days)
    assert refusals(signed(who=late)) == {"certificate-expired"}
    earlier = Instant(NOW - 10 * DAY)
    backdated = signed(who=late, at=earlier)
    assert refusals(backdated, served=Instant(earlier - HOUR)) == {"certificate-expired"}


def test_a_certificate_that_may_not_sign_is_refused() -> None:
    """Without the usage 'content commitment' (non-repudiation) a certificate does not bind its owner."""
    machine = paper("Machine", MIDDLE, signs=False)
    assert refusals(signed(who=machine)) == {"certificate-not-for-signing"}


def test_a_revoked_certificate_is_refused_where_the_lists_are_given() -> None:
    """With lists every certificate needs one and is not on it; without lists it is not known, as the driver says."""
    lists = (revoked(ROOT), revoked(MIDDLE, BORROWER.certificate.serial_number))
    assert "certificate-revoked" in refusals(revocations=lists)
    assert refusals(revocations=(revoked(ROOT),)) == {"certificate-not-trusted"}
    assert check(revocations=(revoked(ROOT), revoked(MIDDLE)))
    assert check()


def test_a_signing_time_lies_between_serving_and_receiving() -> None:
    """Two minutes of difference between clocks are allowed, more is not."""
    skew = 2 * 60 * 1000
    assert refusals(served=Instant(SIGNED + skew + 1000)) == {"signing-time-before-served"}
    assert check(served=Instant(SIGNED + skew))
    assert refusals(now=Instant(SIGNED - skew - 1000)) == {"signing-time-in-the-future"}


def test_the_notice_is_in_the_document_to_the_byte() -> None:
    """Another text, another name, or two attachments of that name are refused."""
    other = notice_pdf(TEXT + "\n", "视频面签", "zh", FONT, SERVED)
    assert refusals(signed(other)) == {"notice-of-another-text"}
    assert refusals(signed(_with(_bare(), "other.txt", TEXT))) == {"notice-missing"}
    assert refusals(signed(_bare())) == {"notice-missing"}
    assert refusals(signed(_with(DOCUMENT, ATTACHMENT, TEXT))) == {"notice-missing"}
    assert check(signed(_with(_bare(), ATTACHMENT, TEXT))), "attached by other software"


def _bare() -> bytes:
    """A PDF without attachments."""
    import typst

    made = typst.compile(b"Nothing attached", format="pdf")
    assert isinstance(made, bytes)
    return made


def _with(document: bytes, name: str, text: str) -> bytes:
    """``document`` with one more attachment."""
    writer = IncrementalPdfFileWriter(BytesIO(document))
    data = EmbeddedFileObject.from_file_data(writer, text.encode(), mime_type="text/plain")
    embed_file(writer, FileSpec(file_spec_string=name, embedded_data=data))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_attachments_in_branches_are_found_and_an_endless_tree_ends() -> None:
    """A name tree may have branches; one whose branches are itself is refused, and not walked for ever."""
    assert check(signed(_branched(times=0)))
    assert refusals(signed(_branched(times=100))) == {"notice-missing"}


def _branched(times: int) -> bytes:
    """A notice whose attachment hangs on a branch, beside ``times`` branches that lead back to the root."""
    writer = IncrementalPdfFileWriter(BytesIO(DOCUMENT))
    leaf = writer.root["/Names"]["/EmbeddedFiles"]
    root = generic.DictionaryObject()
    own = writer.add_object(root)
    root["/Kids"] = generic.ArrayObject([writer.add_object(leaf), *[own] * times])
    writer.root["/Names"] = generic.DictionaryObject({generic.pdf_name("/EmbeddedFiles"): own})
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_page_that_was_not_sent_is_refused() -> None:
    """An attachment could stand under another page: the signed document begins with the one that was sent."""
    swapped = signed(_with(_bare(), ATTACHMENT, TEXT))
    assert check(swapped)
    assert refusals(swapped, sent=DOCUMENT) == {"not-the-document-that-was-sent"}


def test_several_reasons_are_all_named() -> None:
    """Whoever has to sign again learns everything at once."""
    late = paper("Borrower", MIDDLE, days=(-400, -1))
    wrong = signed(_bare(), who=late)
    assert refusals(wrong, served=NOW) == {"certificate-expired", "signing-time-before-served", "notice-missing"}


@pytest.mark.parametrize("document", [b"", b"%PDF-1.7\n", b"not a pdf at all", RETURNED[: len(RETURNED) // 2]])
def test_what_is_no_document_is_invalid(document: bytes) -> None:
    """Garbage and a torn file are no matter of trust, and raise nothing else."""
    with pytest.raises(Invalid):
        check(document)


def test_roots_and_keys_that_do_not_read_are_the_operators_matter() -> None:
    """Misconfigured, without a word of the key in the message."""
    with pytest.raises(Misconfigured):
        check(roots=b"-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n")
    with pytest.raises(Misconfigured, match="does not read"):
        sign_notice(DOCUMENT, b"secret-material", BORROWER.pem, NOW)
    with pytest.raises(Invalid, match="cannot be signed"):
        sign_notice(b"not a pdf", BORROWER.key, BORROWER.pem, NOW)


def test_too_large_a_document_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound stands before the parser."""
    monkeypatch.setattr("shouxin.connectors.signed_pdf.MOST_BYTES", len(RETURNED) - 1)
    with pytest.raises(Invalid, match="at most"):
        check()


def test_no_name_of_a_signer_reaches_a_log(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """The library writes the names in certificates it distrusts; here they go nowhere, and the refusal holds none."""
    stranger = signed(who=paper("Li Lei", paper("Root", ca=True)), chain=b"")
    with caplog.at_level("DEBUG"), pytest.raises(Refused) as caught:
        check(stranger)
    said = caplog.text + "".join(capfd.readouterr()) + repr(caught.value) + repr(caught.value.reasons)
    assert "Li Lei" not in said
    assert "certificate-not-trusted" in said


def test_the_guide_explains_every_reason() -> None:
    """docs/consent.md says what each refusal means."""
    guide = (Path(__file__).parents[2] / "docs" / "consent.md").read_text("utf-8")
    assert len(REASONS) > 10
    assert {reason for reason in REASONS if f"`{reason}`" not in guide} == set()
