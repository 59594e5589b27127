"""Steps of a story that change what is kept: choosing, freezing, correcting, merging, erasing, restoring."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from shouxin.bootstrap import restore_workspace
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound, NotInThisState, Refused
from shouxin.operations.advance import advance
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.consenting.choose import Choice, give_consent
from shouxin.operations.correct import correct
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.erasing.erase import erase_many
from shouxin.operations.pause import resume_deletions
from shouxin.operations.recovery.backup import back_up, reconcile
from shouxin.operations.subjects import freeze, merge, release, split
from tests.operations.portfolio import CARD_NUMBER, JOB, MARK, MOBILE, WHO
from tests.properties.laws import attempt, law_five, law_four
from tests.properties.story import CONTRACT, FILMED, Known, Story
from tests.workspaces import close

# What a floor keeps of a customer whatever they ask.
FLOORED: Final = WHO | {CARD_NUMBER}


def choose(story: Story, one: int, _two: int) -> None:
    """Somebody takes their consent to the video back, and the video goes; or they come and give it again."""
    known, bank = story.people[one], story.bank
    merged = known.into is not None or any(other.into == one for other in story.people.values())
    if one not in FILMED or merged:
        return
    if known.consented:
        done = attempt(
            lambda: withdraw_consent(bank.workspace, bank.tokens["rights_desk"], known.subject, "interview.video")
        )
    else:
        again = Choice("interview.video", "zh", agreed=True, by_person=True)
        done = attempt(lambda: give_consent(bank.workspace, bank.tokens["collector"], known.subject, again))
    assert isinstance(done, NotFound) is known.erased
    if not known.erased:
        known.consented = not known.consented
        known.film = None


def stop(story: Story, one: int, _two: int) -> None:
    """Somebody is frozen, or released unless a law keeps what is left."""
    known, bank = story.people[one], story.bank
    if not known.frozen:
        done = attempt(lambda: freeze(bank.workspace, bank.tokens["dpo"], known.subject))
        assert (done is None) is (not known.erased and known.into is None)
        known.frozen = done is None
        return
    done = attempt(lambda: release(bank.workspace, bank.tokens["dpo"], known.subject))
    if known.kept_by_law:
        assert isinstance(done, Refused)
        law_five(story, done.reasons)
    else:
        assert done is None
        known.frozen = False


def mend(story: Story, one: int, two: int) -> None:
    """Somebody's mobile or job is corrected; the old value is gone."""
    known, bank = story.people[one], story.bank
    item = MOBILE if two % 2 else JOB
    story.fresh += 1
    text = f"1355555{story.fresh:04}" if item == MOBILE else f"{MARK}第{story.fresh}"
    rows = bank.workspace.data.read(lambda records: records.cells.cells_of([known.subject]))
    done = attempt(lambda: correct(bank.workspace, bank.tokens["dpo"], known.subject, {item: Plaintext.of(text)}))
    if known.erased or known.frozen or known.into is not None:
        assert isinstance(done, NotInThisState | NotFound)
    elif item not in known.values:
        assert isinstance(done, NotFound)
    else:
        assert done == [item]
        known.values[item] = text
        after = bank.workspace.data.read(lambda records: records.cells.cells_of([known.subject]))
        replaced = [row for row in rows if row.cell not in {other.cell for other in after}]
        assert replaced
        story.gone += replaced


def join(story: Story, one: int, two: int) -> None:
    """Two records are said to be one person, or that is taken back."""
    first, second, bank = story.people[one], story.people[two], story.bank
    if first.into is not None:
        done = attempt(lambda: split(bank.workspace, bank.tokens["dpo"], first.subject))
        assert (done is None) is (not first.erased and not first.frozen)
        first.into = None if done is None else first.into
        return
    done = attempt(lambda: merge(bank.workspace, bank.tokens["dpo"], first.subject, second.subject))
    free = not (first.erased or first.frozen or second.erased or second.frozen)
    assert (done is None) is (one != two and free and second.into is None)
    first.into = two if done is None else None


def _let_go(known: Known, items: Iterable[ItemCode], *, whole: bool) -> None:
    """Take out of the model what an erasure takes."""
    for item in items:
        if not (known.customer and item in FLOORED):
            known.values.pop(item, None)
        elif not whole:  # asked for and kept by a floor: stored and protected only
            known.protected.add(item)
    if whole:
        known.film = None
        known.frozen, known.erased = known.customer, not known.customer
    known.kept_by_law = known.kept_by_law or (whole and known.customer)


def forget(story: Story, one: int, two: int) -> None:
    """Somebody is erased, whole or what is kept for their loan; so are the records merged into them."""
    bank, known = story.bank, story.people[one]
    whole = two % 2 == 1
    behind = [] if known.erased else story.behind(one)
    subjects = [other.subject for other in behind]
    before = bank.workspace.data.read(
        lambda records: [
            *records.cells.cells_of(subjects),
            *(row for subject in subjects for row in records.cells.edges_to([subject])),
        ]
    )
    purposes = None if whole else {"loan.file"}
    done = attempt(lambda: erase_many(bank.workspace, bank.tokens["dpo"], [known.subject], purposes))
    if known.erased:
        assert isinstance(done, NotFound)
        return
    assert isinstance(done, list)
    assert {erasure.subject for _, erasure in done} == set(subjects)
    for other in behind:
        _let_go(other, list(other.values) if whole else CONTRACT, whole=whole)
    for _, erasure in done:
        law_four(story, {row.cell: row for row in before}, erasure.parts, erasure.outcome)


def move_on(story: Story, _one: int, _two: int) -> None:
    """The epoch advances: whatever was erased is in no file any more."""
    done = advance(story.bank.workspace, story.bank.tokens["operator"])
    assert done.subjects == len(list(story.bank.workspace.custody.keyring.all_subjects()))
    content = [path.read_bytes() for path in story.bank.home.rglob("*") if path.is_file()]
    rows = story.bank.workspace.data.read(
        lambda records: records.cells.cells_of([one.subject for one in story.people.values()])
    )
    assert not [piece for piece in story.pieces if any(piece in one for one in content)]
    if rows:
        assert any(rows[0].sealed[-20:] in one for one in content), "the search must find what is there"


def lose(story: Story, one: int, two: int) -> None:
    """A backup is made, somebody is erased, frozen or takes a consent back, and then the backup is restored."""
    bank, known = story.bank, story.people[one]
    story.fresh += 1
    target = story.folder / f"backup-{story.fresh}"
    back_up(bank.workspace, bank.tokens["operator"], target)
    if known.into is None and all(other.into != one for other in story.people.values()):
        kept_by_law = known.kept_by_law
        (lambda *_: None, forget, stop, choose)[two - 1](story, one, 1)
        if two == 3 and not known.frozen and not known.erased:
            known.frozen = True  # a release that the backup does not know is not revived
        if two == 2:  # a known hole: the erasure's row is lost, and with it that a law keeps what is left
            known.kept_by_law = kept_by_law
        if two == 4 and one in FILMED and not known.erased:
            known.frozen = known.frozen or not known.consented  # what was withdrawn was erased; that version is lost
            known.consented = False  # nor is a consent revived
    publish(bank.workspace, bank.tokens["operator"])
    close(bank.workspace)
    bank.workspace, _ = restore_workspace(bank.home, target, clock=bank.workspace.clock)
    reconcile(bank.workspace, bank.tokens["operator"])
    resume_deletions(story.bank.workspace, story.bank.tokens["dpo"])  # an officer has compared it with the log
    assert verify_ledger(bank.workspace).flaws == []
