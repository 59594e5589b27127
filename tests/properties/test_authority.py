"""Rows that carry authority, for any value: read back as written, or refused, or of no effect."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.authority import AuthorityKind, Notary
from shouxin.domain.identifiers import InstitutionId, SubjectId
from shouxin.errors import Refused, ShouxinError, Tampered
from shouxin.keys.suite import INTL
from shouxin.operations.consenting.choose import Choice, give_consent
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
from shouxin.policy.card import Form
from tests.workspaces import CARD, NAME, adopt, close, collected, home_of, ready, reopened, signed_in

CONSENTED = (
    CARD.replace('"credit.review"', '"marketing.offer"')
    .replace('"contract"', '"consent"')
    .replace("13(1)(2)", "13(1)(1)")
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a row may say, with every type that rows use."""

    who: bytes
    text: str
    number: int
    parts: tuple[str, ...]
    maybe: int | None
    yes: bool


CLAIMS = st.builds(
    Claim,
    st.binary(max_size=40),
    st.text(max_size=30),
    st.integers(-(1 << 53), 1 << 53),
    st.lists(st.text(max_size=10), max_size=3).map(tuple),
    st.none() | st.integers(0, 100),
    st.booleans(),
)
KINDS = st.sampled_from(AuthorityKind)
IDENTIFIERS = st.binary(min_size=16, max_size=16)
NOTARIES = st.builds(Notary, IDENTIFIERS.map(InstitutionId), st.binary(min_size=32, max_size=32).map(INTL.prf_under))
VERSIONS = st.integers(1, 1 << 40)


@given(NOTARIES, KINDS, IDENTIFIERS, VERSIONS, CLAIMS)
def test_any_claim_comes_back(
    notary: Notary, kind: AuthorityKind, identifier: bytes, version: int, claim: Claim
) -> None:
    """Whatever a row says is read as it was written."""
    assert notary.read(notary.write(kind, identifier, version, claim), Claim) == claim


@given(NOTARIES, KINDS, IDENTIFIERS, VERSIONS, CLAIMS, st.data())
def test_any_altered_byte_is_seen(
    notary: Notary, kind: AuthorityKind, identifier: bytes, version: int, claim: Claim, data: st.DataObject
) -> None:
    """One altered byte of identifier, body or MAC, and the row is refused."""
    row = notary.write(kind, identifier, version, claim)
    field = data.draw(st.sampled_from(["identifier", "body", "mac"]))
    value = getattr(row, field)
    at = data.draw(st.integers(0, len(value) - 1))
    altered = value[:at] + bytes([value[at] ^ data.draw(st.integers(1, 255))]) + value[at + 1 :]
    with pytest.raises(Tampered):
        notary.read(replace(row, **{field: altered}), Claim)


@given(NOTARIES, NOTARIES, KINDS, KINDS, IDENTIFIERS, VERSIONS, VERSIONS, CLAIMS)
def test_no_row_passes_for_another(
    notary: Notary,
    other: Notary,
    kind: AuthorityKind,
    another: AuthorityKind,
    identifier: bytes,
    version: int,
    later: int,
    claim: Claim,
) -> None:
    """Shown as another kind, version or institution's, a row is refused."""
    row = notary.write(kind, identifier, version, claim)
    if another is not kind:
        with pytest.raises(Tampered):
            notary.read(replace(row, kind=another), Claim)
    if later != version:
        with pytest.raises(Tampered):
            notary.read(replace(row, version=later), Claim)
    if other.write(kind, identifier, version, claim).mac != row.mac:
        with pytest.raises(Tampered):
            other.read(row, Claim)


@given(KINDS, IDENTIFIERS, VERSIONS, CLAIMS, st.integers(1, 15))
def test_bytes_do_not_move_between_fields(
    kind: AuthorityKind, identifier: bytes, version: int, claim: Claim, moved: int
) -> None:
    """The end of one field cannot be passed off as the beginning of the next."""
    notary = Notary(InstitutionId(b"i" * 16), INTL.prf_under(b"k" * 32))
    row = notary.write(kind, identifier, version, claim)
    shifted = replace(row, identifier=identifier[:-moved], body=identifier[-moved:] + row.body)
    with pytest.raises(Tampered):
        notary.read(shifted, Claim)


def _edit(home: Path, statement: str, *values: object) -> int:
    with sqlite3.connect(home / "data" / "data.db") as connection:
        return connection.execute(statement, values).rowcount


def _wish(subject: SubjectId, purpose: str) -> Wish:
    return Wish(purpose, frozenset({NAME}), (subject,), Form("masked"))


def test_a_consent_moved_to_another_person_carries_nothing_for_them(tmp_path: Path) -> None:
    """Whoever points somebody's consent at another person by SQL gets no disclosure of that person by it."""
    workspace = ready(tmp_path)
    adopt(workspace, signed_in(workspace, "dpo"), CONSENTED.replace('"credit.review"', '"marketing.offer"'))
    willing, unwilling = collected(workspace, [1, 2])
    collector, analyst = signed_in(workspace, "collector"), signed_in(workspace, "analyst")
    give_consent(workspace, collector, willing, Choice("marketing.offer", "zh", agreed=True))
    disclose(workspace, analyst, _wish(willing, "marketing.offer"))
    with pytest.raises(Refused):
        disclose(workspace, analyst, _wish(unwilling, "marketing.offer"))
    close(workspace)
    moved = _edit(home_of(tmp_path), "UPDATE consents SET subject = ? WHERE name = 'marketing.offer'", unwilling)
    assert moved == 1
    with pytest.raises((Refused, Tampered)):
        disclose(reopened(tmp_path), analyst, _wish(unwilling, "marketing.offer"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts SET name = 'analyst' WHERE name = 'collector'",
        "UPDATE accounts SET version = version + 1",
        "UPDATE accounts SET body = CAST(replace(CAST(body AS TEXT), 'analyst', 'auditor') AS BLOB)",
        "UPDATE sign_ins SET mac = zeroblob(32)",
        "UPDATE sign_ins SET body = CAST(replace(CAST(body AS TEXT), '\"until\":1', '\"until\":9') AS BLOB)",
        "UPDATE cards SET body = CAST(replace(CAST(body AS TEXT), '[\\\"analyst', '[\\\"auditor') AS BLOB)",
        "UPDATE cards SET version = 2",
        "UPDATE subjects SET body = CAST(replace(CAST(body AS TEXT), 'active', 'frozen') AS BLOB)",
        "UPDATE subjects SET identifier = zeroblob(16)",
        "UPDATE consents SET mac = zeroblob(32)",
        "UPDATE consents SET body = CAST(body AS TEXT)",
        "UPDATE consents SET body = CAST(replace(CAST(body AS TEXT), 'zh', 'en') AS BLOB)",
    ],
)
def test_a_row_edited_by_sql_gives_nobody_more(tmp_path: Path, statement: str) -> None:
    """Whichever authority row is edited, what it allowed before is still decided by true rows, or refused."""
    workspace = ready(tmp_path)
    (subject,) = collected(workspace, [1])
    analyst = signed_in(workspace, "analyst")
    close(workspace)
    assert _edit(home_of(tmp_path), statement) > 0
    edited = reopened(tmp_path)
    try:
        disclosed = disclose(edited, analyst, _wish(subject, "credit.review"))
    except ShouxinError:
        pass
    else:
        assert "version" not in statement
        assert "mac" not in statement
        assert "body" not in statement
        assert disclosed.decision.permitted
    with pytest.raises(ShouxinError):
        disclose(edited, analyst, replace(_wish(subject, "credit.review"), form=Form("raw")))
