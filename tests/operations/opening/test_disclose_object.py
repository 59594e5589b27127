"""Videos: whole, under their own person, raw or not at all, and no longer than the right to them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shouxin.domain.identifiers import ObjectId, SubjectId
from shouxin.errors import CallerError, NotFound, NotInThisState, NotSignedIn, Refused, Tampered
from shouxin.operations.consenting.choose import Choice, give_consent
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.staff.accounts import sign_out
from shouxin.operations.subjects import freeze
from shouxin.vault.object import CHUNK
from tests import recorded
from tests.operations.portfolio import VIDEO, Lender, card
from tests.workspaces import adopt


def test_a_withdrawal_counts_from_the_next_disclosure(bank: Lender) -> None:
    """A consent taken back carries nothing any more; given again, it does; another purpose's is no substitute."""
    who = bank.people[1]
    film = bank.film(who)
    wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form="raw")

    def look() -> bytes:
        _, parts = disclose_object(bank.workspace, bank.tokens["credit_officer"], wish, film)
        return b"".join(part.reveal() for part in parts)

    assert look()
    withdraw_consent(bank.workspace, bank.tokens["rights_desk"], who, "interview.video")
    with pytest.raises(Refused):
        look()
    again = Choice("interview.video", "zh", agreed=True)
    with pytest.raises(NotInThisState):
        give_consent(bank.workspace, bank.tokens["collector"], who, again)
    give_consent(bank.workspace, bank.tokens["collector"], who, replace(again, by_person=True))
    with pytest.raises(NotFound):  # what rested on the consent went with it
        look()
    film = bank.film(who)
    assert look()


def _watch(bank: Lender, subject: SubjectId, film: ObjectId) -> bytes:
    wish = bank.wish(subject, purpose="interview.video", items={VIDEO}, form="raw")
    _, parts = disclose_object(bank.workspace, bank.tokens["credit_officer"], wish, film)
    return b"".join(part.reveal() for part in parts)


@pytest.mark.parametrize("length", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_a_video_comes_back_whole(bank: Lender, length: int) -> None:
    """An object of any length opens to exactly what was kept."""
    content = bytes(number % 251 for number in range(length))
    assert _watch(bank, bank.people[1], bank.film(bank.people[1], content)) == content


def test_a_truncated_video_is_seen(bank: Lender) -> None:
    """Cut at a chunk, in a chunk, or to nothing, a video never passes as a shorter one."""
    who = bank.people[1]
    film = bank.film(who, b"frame" * CHUNK)
    (path,) = [path for path in (bank.home / "data" / "objects").rglob("*") if path.is_file()]
    whole = path.read_bytes()
    sealed = 12 + CHUNK + 16
    for length in (27 + sealed, 27 + 2 * sealed, 27 + sealed // 2, 27, 5, 0, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(Tampered):
            _watch(bank, who, film)
    path.unlink()
    with pytest.raises(Tampered):
        _watch(bank, who, film)


def test_somebody_elses_video_is_not_found(bank: Lender) -> None:
    """An object opens under the person whose it is, and under no other; the attempt is on record."""
    film = bank.film(bank.people[1])
    bank.film(bank.people[2])
    before = recorded.size(bank.workspace)
    with pytest.raises(NotFound):
        _watch(bank, bank.people[2], film)
    assert recorded.size(bank.workspace) > before


def test_a_video_is_shown_raw_or_not_at_all(bank: Lender) -> None:
    """An object asked for in another form than raw is refused."""
    who = bank.people[1]
    film = bank.film(who)
    for form in ("masked", "pseudonymous", "sealed"):
        wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form=form)
        for role in ("credit_officer", "collector"):
            with pytest.raises(CallerError):
                list(disclose_object(bank.workspace, bank.tokens[role], wish, film)[1])


@pytest.mark.parametrize("end", ["freeze", "card", "sign-out"])
def test_chunks_stop_when_the_right_to_them_does(bank: Lender, end: str) -> None:
    """Of a long video that is being watched, no more than four MiB follow a freeze, another card or a sign-out."""
    who, officer = bank.people[1], bank.tokens["credit_officer"]
    film = bank.film(who, b"frame" * (4 * CHUNK * 2))
    wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form="raw")
    chunks = disclose_object(bank.workspace, officer, wish, film)[1]
    next(chunks)
    if end == "freeze":
        freeze(bank.workspace, bank.tokens["dpo"], who)
    elif end == "card":
        others = card("interview.video", 2).replace('raw = ["credit_officer"]', 'raw = ["auditor"]')
        adopt(bank.workspace, bank.tokens["dpo"], others)
    else:
        sign_out(bank.workspace, officer)
    assert len([next(chunks) for _ in range(15)]) == 15
    with pytest.raises((Refused, NotSignedIn)):
        next(chunks)
