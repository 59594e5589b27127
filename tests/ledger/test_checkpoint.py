from __future__ import annotations

import pytest

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.checkpoint import Checkpoint, from_decimal, open_checkpoint, parse_body, sign_checkpoint
from shouxin.ledger.note import SignatureKind, sign
from shouxin.ledger.tree import EMPTY_ROOT, leaf_hash
from shouxin.ledger.witness import cosign
from tests.ledger.signers import signer_of

ORIGIN = "ledger.example/2026"
HEAD = Checkpoint(ORIGIN, 3, leaf_hash(b"root"))
TIME = 1_700_000_000
LOG = signer_of(ORIGIN, 1)
WITNESS = signer_of("witness.example", 2, SignatureKind.COSIGNATURE)


def test_a_body_is_three_lines() -> None:
    """Origin, size and root in base64, each on its line, and nothing else."""
    origin, size, root, rest = HEAD.body().split("\n")
    assert (origin, size, len(root), rest) == (ORIGIN, "3", 44, "")
    assert parse_body(HEAD.body()) == HEAD


def test_extension_lines_of_other_logs_survive() -> None:
    """Lines after the third are kept, because they are part of what was signed."""
    extended = Checkpoint(ORIGIN, 3, HEAD.root, ("more", "and more"))
    assert parse_body(extended.body()) == extended


@pytest.mark.parametrize(
    "body",
    [
        "",
        "origin\n3\n",
        HEAD.body().removesuffix("\n"),
        HEAD.body() + "\n",
        HEAD.body().replace("\n3\n", "\n03\n"),
        HEAD.body().replace("\n3\n", "\n-3\n"),
        HEAD.body().replace("\n3\n", "\n9223372036854775808\n"),
        HEAD.body().replace(ORIGIN, ""),
        HEAD.body().replace("=", ""),
        "origin\n3\nAAAA\n",
    ],
)
def test_a_malformed_body_is_refused(body: str) -> None:
    """Missing lines, empty lines, odd sizes and roots of another length are refused."""
    with pytest.raises(Invalid):
        parse_body(body)


@pytest.mark.parametrize("text", ["", "00", "01", "+1", "1_0", " 1", "١", "1" * 5000, "9223372036854775808"])
def test_a_decimal_has_one_spelling(text: str) -> None:
    """Signs, zeroes, separators, other digits and numbers beyond 63 bits are refused."""
    with pytest.raises(Invalid):
        from_decimal(text)
    assert from_decimal("9223372036854775807") == (1 << 63) - 1


@pytest.mark.parametrize(("origin", "size", "root"), [("", 0, EMPTY_ROOT), ("a\nb", 0, EMPTY_ROOT), ("a", -1, b"")])
def test_a_checkpoint_outside_its_ranges_does_not_exist(origin: str, size: int, root: bytes) -> None:
    """A checkpoint that could not be written down is not made."""
    with pytest.raises(Invalid):
        Checkpoint(origin, size, root)


def test_a_signed_checkpoint_opens_with_the_readers_keys() -> None:
    """The log's key opens it; another log's key does not."""
    signed = sign_checkpoint(HEAD, [LOG])
    assert open_checkpoint(signed, [LOG.verifier]).checkpoint == HEAD
    with pytest.raises(Tampered):
        open_checkpoint(signed, [signer_of(ORIGIN, 9).verifier])


def test_witnesses_are_named_once_each() -> None:
    """Cosignatures come back with their times; two keys of one witness are one witness."""
    second = signer_of("witness.example", 3, SignatureKind.COSIGNATURE)
    lines = "".join(cosign(HEAD.body(), signer, TIME).line() for signer in (WITNESS, second))
    opened = open_checkpoint(sign_checkpoint(HEAD, [LOG]) + lines, [LOG.verifier, WITNESS.verifier, second.verifier])
    assert [cosignature.time for cosignature in opened.cosignatures] == [TIME, TIME]
    assert opened.witnesses == {"witness.example"}


def test_a_witness_alone_does_not_speak_for_the_log() -> None:
    """A checkpoint that only a known witness signed is not the log's."""
    signed = sign_checkpoint(HEAD, [signer_of(ORIGIN, 9)]) + cosign(HEAD.body(), WITNESS, TIME).line()
    with pytest.raises(Tampered):
        open_checkpoint(signed, [LOG.verifier, WITNESS.verifier])


def test_one_log_does_not_sign_for_another() -> None:
    """A known key of another origin, put under this checkpoint, proves nothing."""
    other = signer_of("other.example", 5)
    with pytest.raises(Tampered):
        open_checkpoint(str(sign(HEAD.body(), [other])), [LOG.verifier, other.verifier])
    with pytest.raises(Invalid):
        sign_checkpoint(HEAD, [other])


def test_a_log_is_no_witness_of_itself() -> None:
    """A cosignature under the log's own name does not count as one, and does not replace the log's signature."""
    own = signer_of(ORIGIN, 6, SignatureKind.COSIGNATURE)
    line = cosign(HEAD.body(), own, TIME).line()
    opened = open_checkpoint(sign_checkpoint(HEAD, [LOG]) + line, [LOG.verifier, own.verifier])
    assert opened.witnesses == frozenset()
    with pytest.raises(Tampered):
        open_checkpoint(f"{HEAD.body()}\n{line}", [own.verifier])


def test_an_empty_log_has_one_root() -> None:
    """Size 0 is signed with the empty tree's root only."""
    sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), [LOG])
    with pytest.raises(Invalid):
        sign_checkpoint(Checkpoint(ORIGIN, 0, HEAD.root), [LOG])
