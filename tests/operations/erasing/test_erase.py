from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from shouxin.domain.identifiers import CellId, SubjectId, new
from shouxin.errors import NotFound, Refused, ShouxinError, Tampered
from shouxin.operations.account_for import account_for
from shouxin.operations.erasing import erase as erasing
from shouxin.operations.erasing.erase import erase, erase_many, preview, resume_erasures
from shouxin.operations.objects.keep import keep_object
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.opening.permit import Wish
from shouxin.operations.subjects import freeze
from shouxin.policy.card import Form
from shouxin.storage.cell_rows import CellRows
from shouxin.storage.index_store import SqlIndex
from shouxin.storage.keyring_store import SqlKeyring
from shouxin.storage.object_store import ObstoreObjects
from shouxin.vault.erasure import ErasureState, Outcome, Part
from shouxin.vault.records import Subject, SubjectState
from tests import recorded
from tests.operations.portfolio import CARD_NUMBER, ENDS, JOB, MOBILE, RELATION, VIDEO, Hands, Lender, lender
from tests.workspaces import signed_in

FLOOR = 'floors = ["CN-AML-34-3-TRANSACTION"]\nstarts = "end_of_relationship"'


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers, the first with a contact; two declined applicants."""
    made = lender(tmp_path, Hands())
    made.take([1], contact=True)
    made.take([2])
    made.take([3, 4], customer=False)
    return made


def state_of(bank: Lender, subject: SubjectId) -> SubjectState:
    """Return where a person stands."""
    from shouxin.domain.authority import AuthorityKind

    row = bank.workspace.data.read(lambda records: records.authority.get(AuthorityKind.SUBJECT, subject))
    assert row is not None
    return bank.workspace.notary.read(row, Subject).state


def outcomes(parts: list[Part] | tuple[Part, ...]) -> dict[str, tuple[str, str, date | None]]:
    """Return, for each item of the parts, its outcome, rule and date."""
    return {item: (part.outcome.value, part.rule, part.until) for part in parts for item in part.items}


def test_an_applicant_who_never_became_a_customer_goes_whole(bank: Lender) -> None:
    """Nothing of them opens, is found or is stored; everybody else is as before; the record is intact."""
    film, who = bank.film(bank.people[3]), bank.people[3]
    cells = bank.workspace.data.read(lambda records: records.cells.cells_of([who]))
    before = bank.masked(bank.people[1], bank.people[2], bank.people[4])
    _, done = erase(bank.workspace, bank.tokens["dpo"], who)
    assert (done.state, done.outcome, len(done.having(Outcome.ERASED))) == (ErasureState.LIVE, "erased", len(cells) + 1)
    assert bank.is_gone(who)
    assert bank.find(3) == bank.find(3, MOBILE) == []
    assert not bank.workspace.objects.exists(film)
    workspace = bank.workspace
    assert workspace.data.read(lambda records: records.cells.cells_of([who])) == []
    assert workspace.data.read(lambda records: records.cells.objects_of([who])) == []
    chain = workspace.custody.open(workspace.custody.keyring.get([who])[who])
    assert not any(chain.holds(row.cell) for row in cells)
    assert state_of(bank, who) is SubjectState.ERASED
    assert bank.masked(bank.people[1], bank.people[2], bank.people[4]) == before
    assert recorded.flaws(bank.reopened().workspace) == []


def test_what_a_floor_keeps_stays_frozen_with_article_and_date(bank: Lender) -> None:
    """Of a customer, identity and contract are retained until ten years after the contract; the rest goes."""
    who = bank.people[1]
    _, done = erase(bank.workspace, bank.tokens["rights_desk"], who)
    until = date(ENDS.year + 10, ENDS.month, ENDS.day)
    assert outcomes(done.parts) == {
        "identity.name": ("retained", "CN-AML-34-3-IDENTITY", until),
        "identity.id_number": ("retained", "CN-AML-34-3-IDENTITY", until),
        "contact.mobile": ("retained", "CN-AML-34-3-IDENTITY", until),
        "account.card_number": ("retained", "CN-AML-34-3-TRANSACTION", until),
        "employment.job": ("erased", "", None),
        "emergency.relation": ("erased", "", None),
    }
    assert all("34" in part.article for part in done.having(Outcome.RETAINED))
    assert state_of(bank, who) is SubjectState.FROZEN
    with pytest.raises(Refused) as refusal:
        bank.masked(who)
    assert refusal.value.reasons[0][0] == "CN-PIPL-47-2-FROZEN"
    wish = bank.wish(who, purpose="rights.answer", items={CARD_NUMBER, MOBILE, JOB})
    assert set(disclose(bank.workspace, bank.tokens["rights_desk"], wish).values[who]) == {CARD_NUMBER, MOBILE}
    assert recorded.flaws(bank.reopened().workspace) == []


def test_a_preview_is_what_then_happens_and_changes_nothing(bank: Lender) -> None:
    """The plan that is shown is the plan that is carried out; showing it leaves no trace and takes nothing."""
    who = bank.people[1]
    size = recorded.size(bank.workspace)
    planned = preview(bank.workspace, bank.tokens["dpo"], who)
    assert recorded.size(bank.workspace) == size
    assert bank.masked(who)[who]
    assert list(erase(bank.workspace, bank.tokens["dpo"], who)[1].parts) == planned


def test_where_the_end_did_not_come_the_floor_names_no_date(bank: Lender) -> None:
    """A contract that should have ended and was not said to have is still under its floor, without a date."""
    clock = bank.workspace.clock
    assert isinstance(clock, Hands)
    clock.on(days=366 * 14)
    planned = outcomes(preview(bank.workspace, signed_in(bank.workspace, "dpo"), bank.people[1]))
    assert planned["identity.name"] == ("retained", "CN-AML-34-3-IDENTITY", None)
    assert planned["employment.job"] == ("erased", "", None)


def test_erasing_a_part_leaves_the_rest_in_use(bank: Lender) -> None:
    """The video goes, everything else is used as before; what was not asked for says so."""
    who = bank.people[1]
    film, before = bank.film(who), bank.masked(who)
    _, done = erase(bank.workspace, bank.tokens["dpo"], who, {"interview.video"})
    assert (done.scope, done.outcome) == ("part", "erased-in-part")
    assert [part.items for part in done.having(Outcome.ERASED)] == [(VIDEO,)]
    assert {part.rule for part in done.having(Outcome.RETAINED)} == {"not-in-scope"}
    assert not bank.workspace.objects.exists(film)
    assert bank.masked(who) == before
    assert bank.raw(who)
    assert recorded.flaws(bank.reopened().workspace) == []


def test_erasing_a_part_leaves_who_is_frozen_frozen(bank: Lender) -> None:
    """A partial erasure ends no freeze."""
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[1])
    erase(bank.workspace, bank.tokens["dpo"], bank.people[1], {"loan.file"})
    assert state_of(bank, bank.people[1]) is SubjectState.FROZEN


def test_zero_rows_are_never_an_erasure(bank: Lender) -> None:
    """Erasing a purpose for which nothing is kept says that nothing was found, not that something was done."""
    _, done = erase(bank.workspace, bank.tokens["dpo"], bank.people[3], {"interview.video"})
    assert done.outcome == "nothing-found"
    assert bank.masked(bank.people[3])


def test_who_is_erased_is_not_erased_again(bank: Lender) -> None:
    """A second erasure of somebody who is gone, or of nobody, finds nothing."""
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    for nobody in (bank.people[3], new(SubjectId)):
        with pytest.raises(NotFound):
            erase(bank.workspace, bank.tokens["dpo"], nobody)
        with pytest.raises(NotFound):
            preview(bank.workspace, bank.tokens["dpo"], nobody)


def test_of_several_none_goes_when_one_is_unknown(bank: Lender) -> None:
    """Erasing many is decided as a whole: somebody unknown among them, and nothing is done."""
    with pytest.raises(NotFound):
        erase_many(bank.workspace, bank.tokens["dpo"], [bank.people[3], new(SubjectId)])
    assert bank.masked(bank.people[3])[bank.people[3]]
    assert recorded.flaws(bank.reopened().workspace) == []


def test_several_go_at_once_each_under_an_operation_of_its_own(bank: Lender) -> None:
    """Erasing many is one act for each of them."""
    done = erase_many(bank.workspace, bank.tokens["dpo"], [bank.people[3], bank.people[4], bank.people[1]])
    assert len({operation for operation, _ in done}) == 3
    assert [erasure.outcome for _, erasure in done] == ["erased", "erased", "erased-in-part"]
    assert bank.find(3) == bank.find(4) == []
    assert bank.masked(bank.people[2])
    assert recorded.flaws(bank.reopened().workspace) == []


def test_somebody_named_twice_goes_once(bank: Lender) -> None:
    """The same person twice in one erasure is refused or one erasure, and the record is intact."""
    with suppress(ShouxinError):
        erase_many(bank.workspace, bank.tokens["dpo"], [bank.people[3], bank.people[3]])
    assert recorded.flaws(bank.reopened().workspace) == []


@pytest.mark.parametrize("role", ["analyst", "operator", "collector", "auditor", "credit_officer", "model"])
def test_only_the_rights_desk_and_the_officer_erase(bank: Lender, role: str) -> None:
    """Nobody else erases, previews or resumes."""
    for act in (erase, preview):
        with pytest.raises(Refused):
            act(bank.workspace, bank.tokens[role], bank.people[3])
    with pytest.raises(Refused):
        resume_erasures(bank.workspace, bank.tokens[role])
    assert bank.masked(bank.people[3])


def relation(bank: Lender) -> dict[Any, Any]:
    """Return what applicant 1 states about their contact, as an analyst sees it, by who states it."""
    wish = bank.wish(bank.people[1], purpose="emergency.link", items={RELATION})
    stated = disclose(bank.workspace, bank.tokens["analyst"], wish).statements
    return {by: values for (by, _), values in stated.items()}


def test_who_named_whom_goes_with_the_named(bank: Lender) -> None:
    """Erasing a contact takes the statement about them; who made it keeps all else."""
    (named,) = bank.find_contact(1)
    assert relation(bank)[bank.people[1]]
    before = bank.masked(bank.people[1])
    _, done = erase(bank.workspace, bank.tokens["dpo"], named)
    assert {part.kind for part in done.having(Outcome.ERASED)} == {"cell", "named-edge"}
    assert not relation(bank).get(bank.people[1])
    assert bank.find_contact(1) == []
    assert bank.masked(bank.people[1]) == before
    assert recorded.flaws(bank.reopened().workspace) == []


def test_who_named_whom_goes_with_the_namer(bank: Lender) -> None:
    """Erasing who named somebody takes the statement; the named stay, found and whole."""
    (named,) = bank.find_contact(1)
    _, done = erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert "edge" in {part.kind for part in done.having(Outcome.ERASED)}
    assert bank.find_contact(1) == [named]
    assert bank.workspace.data.read(lambda records: records.cells.edges_to([named])) == []
    assert recorded.flaws(bank.reopened().workspace) == []


def test_a_statement_that_a_floor_keeps_outlives_both_keys(tmp_path: Path) -> None:
    """A customer's statement that must be kept still opens after what else there was of both went."""
    bank = lender(tmp_path, Hands(), link_floors=FLOOR)
    bank.take([1], contact=True)
    (named,) = bank.find_contact(1)
    _, done = erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert done.parts
    kept = {part.kind: part.outcome for part in done.parts}
    assert kept["edge"] is Outcome.RETAINED
    erase(bank.workspace, bank.tokens["dpo"], named, {"emergency.contact"})
    (row,) = bank.workspace.data.read(lambda records: records.cells.edges_to([named]))
    workspace = bank.workspace
    chains = workspace.custody.keyring.get([named, bank.people[1]])
    namer, theirs = workspace.custody.open(chains[bank.people[1]]), workspace.custody.open(chains[named])
    assert len(namer.edge_key(row.cell, theirs)) == 32
    assert recorded.flaws(bank.reopened().workspace) == []


def test_a_video_of_somebody_else_that_shows_them_is_reported(bank: Lender) -> None:
    """Where another's video shows an erased person, it is retained, says so, and still opens for its own subject."""
    film = bank.film(bank.people[1], b"frames", depicts=(bank.people[3],))
    _, done = erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    (shown,) = [part for part in done.parts if part.kind == "depiction"]
    assert (shown.outcome, shown.rule) == (Outcome.RETAINED, "depicted-with-another")
    assert done.outcome == "erased-in-part"
    assert bank.is_gone(bank.people[3])
    wish = bank.wish(bank.people[1], purpose="interview.video", items={VIDEO}, form="raw")
    _, parts = disclose_object(bank.workspace, bank.tokens["credit_officer"], wish, film)
    assert b"".join(part.reveal() for part in parts) == b"frames"
    assert recorded.flaws(bank.reopened().workspace) == []


def test_who_looked_is_still_accounted_for(bank: Lender) -> None:
    """An erasure takes nothing from the list of who opened the person's data."""
    who = bank.people[3]
    bank.masked(who)
    before = [one.leaf for one in account_for(bank.workspace, bank.tokens["dpo"], who)]
    erase(bank.workspace, bank.tokens["dpo"], who)
    assert [one.leaf for one in account_for(bank.workspace, bank.tokens["dpo"], who)] == before != []


def test_who_comes_back_is_somebody_new(bank: Lender) -> None:
    """An erased person who applies again is a new subject; the old one stays erased."""
    old = bank.people[3]
    erase(bank.workspace, bank.tokens["dpo"], old)
    bank.take([3], customer=False)
    assert bank.people[3] != old
    assert bank.masked(bank.people[3])[bank.people[3]]
    assert bank.is_gone(old)
    assert recorded.flaws(bank.reopened().workspace) == []


class _Disk:
    """What a store that lies does not do."""

    @staticmethod
    def nothing(*_arguments: object, **_more: object) -> int:
        """Say that all is done."""
        return 0


@pytest.mark.parametrize(
    ("store", "method"),
    [(SqlIndex, "remove"), (SqlKeyring, "replace"), (ObstoreObjects, "remove"), (CellRows, "remove_cells")],
)
def test_nothing_is_called_erased_that_is_still_there(
    bank: Lender, monkeypatch: pytest.MonkeyPatch, store: type, method: str
) -> None:
    """A store that does not do what it says is found out by the read-back; once it works the erasure is finished."""
    bank.film(bank.people[3])
    monkeypatch.setattr(store, method, _Disk.nothing)
    with pytest.raises(Tampered):
        erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    monkeypatch.undo()
    assert bank.is_gone(bank.people[3])
    again = bank.reopened()
    ((_, done),) = resume_erasures(again.workspace, bank.tokens["dpo"])
    assert done.state is ErasureState.LIVE
    assert again.is_gone(bank.people[3])
    assert again.find(3) == []
    assert recorded.flaws(again.reopened().workspace) == []


def intended(bank: Lender, monkeypatch: pytest.MonkeyPatch, subject: SubjectId) -> None:
    """Intend an erasure of ``subject`` and stop there."""
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "carry_out", lambda _workspace, _token, jobs: jobs)
        erase(bank.workspace, bank.tokens["dpo"], subject)


def test_from_the_intent_on_nothing_is_disclosed(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between intent and outcome the person is under erasure: not opened, not found, not erased twice; no alarm."""
    intended(bank, monkeypatch, bank.people[3])
    assert bank.is_gone(bank.people[3])
    assert bank.find(3) == []
    with pytest.raises(ShouxinError):
        erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    assert [flaw.split()[0] for flaw in recorded.flaws(bank.reopened().workspace)] == ["unfinished-intent"]
    assert len(resume_erasures(bank.workspace, bank.tokens["dpo"])) == 1
    assert resume_erasures(bank.workspace, bank.tokens["dpo"]) == []
    assert recorded.flaws(bank.reopened().workspace) == []


def test_who_applies_while_being_erased_is_not_half_kept(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who comes in again between intent and outcome is a new subject or set aside; the old one goes."""
    old = bank.people[3]
    intended(bank, monkeypatch, old)
    with suppress(ShouxinError, ValueError):
        bank.take([3], customer=False)
    resume_erasures(bank.workspace, bank.tokens["dpo"])
    assert bank.is_gone(old)
    assert bank.find(3) != [old]
    assert recorded.flaws(bank.reopened().workspace) == []


def test_a_video_that_comes_in_while_its_person_is_erased_goes_too(
    bank: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An object whose upload an erasure overtakes is not kept, and leaves no key."""
    bank.film(bank.people[3])
    other = bank.reopened()

    def parts() -> Any:
        yield b"first"
        rival = Thread(target=intended, args=(other, monkeypatch, bank.people[3]))
        rival.start()
        rival.join()
        yield b"second"

    with pytest.raises(ShouxinError):
        keep_object(bank.workspace, bank.tokens["collector"], bank.people[3], "interview.video", VIDEO, parts())
    resume_erasures(bank.workspace, bank.tokens["dpo"])
    assert list(bank.workspace.objects.all_objects()) == []
    assert recorded.flaws(bank.reopened().workspace) == []


def test_a_disclosure_that_an_erasure_overtakes_finds_nothing(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erased between record and opening, a person is not found; nothing is called tampering."""
    other, opened = bank.reopened(), type(bank.workspace.door).open

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.setattr(type(bank.workspace.door), "open", opened)
        erase(other.workspace, bank.tokens["dpo"], bank.people[3])
        return opened(*arguments)

    monkeypatch.setattr(type(bank.workspace.door), "open", overtaken)
    with pytest.raises(NotFound):
        bank.masked(bank.people[3])


def test_two_erasures_of_one_person_end_as_one(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Resumed by two processes at once, an erasure is finished by one of them; nothing that stays is lost."""
    intended(bank, monkeypatch, bank.people[1])
    other, remove = bank.reopened(), erasing._remove_beside

    def overtaken(*arguments: Any) -> None:
        monkeypatch.setattr(erasing, "_remove_beside", remove)
        resume_erasures(other.workspace, bank.tokens["dpo"])
        remove(*arguments)

    monkeypatch.setattr(erasing, "_remove_beside", overtaken)
    with suppress(ShouxinError):
        resume_erasures(bank.workspace, bank.tokens["dpo"])
    wish = bank.wish(bank.people[1], purpose="rights.answer", items={CARD_NUMBER})
    assert disclose(bank.workspace, bank.tokens["dpo"], wish).values[bank.people[1]]
    assert recorded.flaws(bank.reopened().workspace) == []


def test_a_tag_is_gone_from_every_generation(bank: Lender) -> None:
    """No tag made from an erased value is left in the index."""
    who = bank.people[3]
    cells = [CellId(row.cell) for row in bank.workspace.data.read(lambda records: records.cells.cells_of([who]))]
    index = bank.workspace.index
    assert any(index.rows_of(epoch, cells) for epoch in index.generations())
    erase(bank.workspace, bank.tokens["dpo"], who)
    assert not any(index.rows_of(epoch, cells) for epoch in index.generations())


def test_a_wish_names_whom_it_named(bank: Lender) -> None:
    """A disclosure of several people of whom one was erased is refused as a whole, not answered in part."""
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    wish = Wish("customer.file", bank.wish().items, (bank.people[2], bank.people[3]), Form("masked"))
    with pytest.raises(NotFound):
        disclose(bank.workspace, bank.tokens["analyst"], wish)
