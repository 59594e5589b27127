from __future__ import annotations

import base64

import pytest

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.note import (
    Note,
    Signature,
    SignatureKind,
    cosigned_message,
    from_base64,
    parse,
    parse_verifier,
    sign,
    verify,
)
from tests.ledger.signers import signer_of

TEXT = "Erste Zeile\n\n第三行\n"


ALICE, BOB = signer_of("alice.example", 1), signer_of("bob.example/log", 2)


def test_a_signed_text_comes_back_with_its_signer() -> None:
    """A note with an empty line inside its text verifies and returns that text."""
    verified = verify(str(sign(TEXT, [ALICE])), [ALICE.verifier])
    assert verified.text == TEXT
    assert [signature.verifier for signature in verified.signatures] == [ALICE.verifier]
    assert verified.signatures[0].time is None


def test_unknown_keys_are_ignored_even_under_a_known_name_or_id() -> None:
    """A signature that shares a name, or an id, but not both, with a known key says nothing."""
    namesake = signer_of(ALICE.name, 3)
    same_id = Signature("carol.example", ALICE.key_id, b"\0" * 64)
    signed = sign(TEXT, [BOB, namesake, ALICE])
    verified = verify(str(Note(TEXT, (*signed.signatures, same_id))), [ALICE.verifier])
    assert len(verified.signatures) == 1
    with pytest.raises(Tampered):
        verify(str(sign(TEXT, [BOB, namesake])), [ALICE.verifier])


def test_one_known_key_that_fails_condemns_the_note() -> None:
    """A good signature does not save a note on which another known key's signature fails."""
    good, other = sign(TEXT, [ALICE]).signatures[0], sign("other\n", [BOB]).signatures[0]
    note = str(Note(TEXT, (good, other)))
    assert verify(note, [ALICE.verifier]).text == TEXT
    with pytest.raises(Tampered):
        verify(note, [ALICE.verifier, BOB.verifier])


@pytest.mark.parametrize("payload", [b"\0", b"\0" * 63, b"\0" * 65, b"\0" * 72])
def test_a_signature_of_a_wrong_length_fails(payload: bytes) -> None:
    """A known key's signature that is too short or too long fails like any other, for both kinds of key."""
    for kind in SignatureKind:
        signer = signer_of("alice.example", 1, kind)
        with pytest.raises(Tampered):
            verify(str(Note(TEXT, (Signature(signer.name, signer.key_id, payload),))), [signer.verifier])


def test_two_signatures_by_one_key_count_once_and_must_both_hold() -> None:
    """A quorum cannot be filled by repeating a line, nor a bad line hidden behind a good one."""
    good, bad = sign(TEXT, [ALICE]).signatures[0], sign("other\n", [ALICE]).signatures[0]
    assert len(verify(str(Note(TEXT, (good, good))), [ALICE.verifier]).signatures) == 1
    with pytest.raises(Tampered):
        verify(str(Note(TEXT, (good, bad))), [ALICE.verifier])


def test_sixty_four_signatures_are_read_and_more_are_not() -> None:
    """The cap lies above the sixteen that the specification asks for."""
    signature = sign(TEXT, [ALICE]).signatures[0]
    assert len(parse(str(Note(TEXT, (signature,) * 64))).signatures) == 64
    with pytest.raises(Invalid):
        parse(str(Note(TEXT, (signature,) * 65)))


def test_a_note_too_large_is_not_read() -> None:
    """Size is capped before anything is verified."""
    with pytest.raises(Invalid):
        parse(str(sign("a" * 600_000 + "\n", [ALICE])))


def test_a_cosignature_binds_its_time_and_its_kind() -> None:
    """A cosignature verifies with its time under the witness kind of the key, and as nothing else."""
    witness = signer_of("witness.example", 4, SignatureKind.COSIGNATURE)
    signature = witness.sign(cosigned_message(TEXT, 1_700_000_000))
    for time, holds in ((1_700_000_000, True), (1_700_000_001, False)):
        payload = time.to_bytes(8, "big") + signature
        note = str(Note(TEXT, (Signature(witness.name, witness.key_id, payload),)))
        if holds:
            assert verify(note, [witness.verifier]).signatures[0].time == time
        else:
            with pytest.raises(Tampered):
                verify(note, [witness.verifier])
    plain = signer_of("witness.example", 4)
    assert plain.key_id != witness.key_id
    with pytest.raises(Tampered):
        verify(str(Note(TEXT, (Signature(plain.name, plain.key_id, signature),))), [plain.verifier])


def test_a_cosignature_from_beyond_time_fails() -> None:
    """A time of 2**63 and more is refused, though the signature holds."""
    witness = signer_of("witness.example", 4, SignatureKind.COSIGNATURE)
    payload = (1 << 63).to_bytes(8, "big") + witness.sign(cosigned_message(TEXT, 1 << 63))
    with pytest.raises(Tampered):
        verify(str(Note(TEXT, (Signature(witness.name, witness.key_id, payload),))), [witness.verifier])


LINE = sign(TEXT, [ALICE]).signatures[0].line()


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        f"text\n{LINE}",
        f"text\n\n{LINE.removesuffix(chr(10))}",
        f"te\rxt\n\n{LINE}",
        f"te\0xt\n\n{LINE}",
        f"te\ud800xt\n\n{LINE}",
        f"text\n\n{LINE}junk\n",
        f"text\n\n{LINE.replace('—', '-')}",
        f"text\n\n{LINE.replace('alice', 'al+ice')}",
        f"text\n\n{LINE.replace('alice', 'al　ice')}",
        f"text\n\n{LINE.replace('alice.example', '')}",
        f"text\n\n{LINE}\n",
        "text\n\n— alice.example AAAAAA==\n",
        "text\n\n— alice.example !!!!\n",
        "text\n\n— alice.example\n",
    ],
)
def test_a_malformed_note_is_refused(note: str) -> None:
    """A note without its parts, with control characters or with a bad signature line is never taken apart."""
    with pytest.raises(Invalid):
        parse(note)


def test_a_text_that_no_note_can_hold_is_not_signed() -> None:
    """Signing refuses a text without a final newline, with control characters, and the absence of a signer."""
    for text in ("no newline", "", "tab\t\n"):
        with pytest.raises(Invalid):
            sign(text, [ALICE])
    with pytest.raises(Invalid):
        sign(TEXT, [])


def test_a_verifier_key_reads_back() -> None:
    """Both kinds of key survive as text, also where base64 has a plus."""
    for seed in range(1, 20):
        for kind in SignatureKind:
            verifier = signer_of("alice.example", seed, kind).verifier
            assert parse_verifier(verifier.vkey) == verifier


@pytest.mark.parametrize(
    "change",
    [
        lambda vkey: vkey.replace("alice", "alicia"),
        lambda vkey: vkey.replace("alice.example", ""),
        lambda vkey: vkey.upper(),
        lambda vkey: vkey[:-4],
        lambda vkey: vkey.rpartition("+")[0] + "+" + base64.b64encode(b"\x06" + b"\0" * 32).decode(),
        lambda vkey: vkey.rpartition("+")[0] + "+",
        lambda vkey: "\ud800" + vkey,
        lambda vkey: "",
    ],
)
def test_a_verifier_key_that_is_not_its_own_is_refused(change: object) -> None:
    """Another name, another id, an unknown kind or a cut key is refused."""
    assert callable(change)
    with pytest.raises(Invalid):
        parse_verifier(change(ALICE.verifier.vkey))


@pytest.mark.parametrize("text", ["AB==", "AA", "AA=", "A A=", "AA==\n", "QUJD=", "_-8=", "é"])
def test_base64_has_one_spelling(text: str) -> None:
    """Stray bits, missing padding, blanks and the other alphabet are refused."""
    with pytest.raises(Invalid):
        from_base64(text)
