from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import SubjectId, new
from shouxin.domain.items import ItemCode, grade
from shouxin.errors import CallerError, Invalid, NotFound, NotInThisState, Refused
from shouxin.ledger.entry import decode
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.consenting.choose import Choice, give_consent
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.erasing.erase import erase
from shouxin.operations.objects.keep import keep_object
from shouxin.operations.objects.object_tags import tags_of_objects
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.subjects import freeze, release
from shouxin.vault.object import CHUNK
from tests import recorded
from tests.operations.portfolio import MARK, NAME, VIDEO, Hands, Lender, lender

PURPOSE = "interview.video"


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two declined applicants, the first of whom agreed to be filmed."""
    made = lender(tmp_path, Hands())
    made.take([1, 2], customer=False)
    give_consent(made.workspace, made.tokens["collector"], made.people[1], Choice(PURPOSE, "zh", agreed=True))
    return made


def stored(bank: Lender) -> list[Path]:
    """Return every file of the object store."""
    return [path for path in (bank.home / "data" / "objects").rglob("*") if path.is_file()]


def test_an_object_comes_back_whole_and_its_event_says_what_was_sealed(bank: Lender) -> None:
    """Parts of any size, empty ones too, come back as they were; nothing on disk has them; rows and event agree."""
    parts = [b"", MARK.encode(), b"", b"x" * (CHUNK + 1), b"end"]
    made = keep_object(bank.workspace, bank.tokens["collector"], bank.people[1], PURPOSE, VIDEO, parts)
    wish = bank.wish(bank.people[1], purpose=PURPOSE, items={VIDEO}, form="raw")
    _, read = disclose_object(bank.workspace, bank.tokens["credit_officer"], wish, made)
    assert b"".join(part.reveal() for part in read) == b"".join(parts)
    (row,) = bank.workspace.data.read(lambda records: records.cells.objects_of([bank.people[1]]))
    assert (row.size, row.item, row.term) == (sum(map(len, parts)), VIDEO, "video")
    event = decode(bank.workspace.data.read(lambda records: records.ledger.entry(row.leaf)))
    assert event.kind is EventKind.OBJECT_SEALED
    assert (event.facts["bytes"], event.facts["sealed"]) == (row.size, row.digest.hex())
    (file,) = stored(bank)
    assert MARK.encode() not in file.read_bytes()
    assert verify_ledger(bank.reopened().workspace).flaws == []


def test_a_stored_video_of_a_person_has_the_highest_grade(bank: Lender) -> None:
    """Its tags say what a scan says of a video in which somebody is seen: face and voice cannot be changed."""
    keep_object(bank.workspace, bank.tokens["collector"], bank.people[1], PURPOSE, VIDEO, [b"frames"])
    (tags,) = tags_of_objects(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert (tags.item, tags.grade.level, tags.grade.klass, tags.grade.sensitive) == (VIDEO, 4, "C3", True)
    assert grade([VIDEO]).level == 3


def test_the_same_parts_twice_are_two_objects(bank: Lender) -> None:
    """A retried upload is a new object under a new key: nothing of the sealed bytes is alike."""
    one, two = (
        keep_object(bank.workspace, bank.tokens["collector"], bank.people[1], PURPOSE, VIDEO, [b"frames" * 9])
        for _ in range(2)
    )
    assert one != two
    first, second = (path.read_bytes() for path in stored(bank))
    assert first[-32:] != second[-32:]


def test_nothing_is_kept_of_an_empty_object(bank: Lender) -> None:
    """No bytes at all is invalid: no key, no file, no event."""
    size = recorded.size(bank.workspace)
    for parts in ([], [b"", b""]):
        with pytest.raises(Invalid):
            keep_object(bank.workspace, bank.tokens["collector"], bank.people[1], PURPOSE, VIDEO, parts)
    assert stored(bank) == []
    assert recorded.size(bank.workspace) == size


@pytest.mark.parametrize("case", ["consent", "withdrawn", "role", "item", "purpose", "nobody", "frozen", "erased"])
def test_what_is_not_permitted_is_not_kept(bank: Lender, case: str) -> None:
    """Without consent, role, item, purpose or a person in use nothing is stored; with them it is."""
    who, role, purpose, item = bank.people[1], "collector", PURPOSE, VIDEO
    error: type[CallerError] = Refused
    if case == "consent":
        who = bank.people[2]
    elif case == "withdrawn":
        withdraw_consent(bank.workspace, bank.tokens["rights_desk"], who, PURPOSE)
    elif case == "role":
        role = "credit_officer"
    elif case == "item":
        item = ItemCode(NAME)
    elif case == "purpose":
        purpose, error = "no.such", Invalid
    elif case == "nobody":
        who, error = new(SubjectId), NotFound
    elif case == "frozen":
        freeze(bank.workspace, bank.tokens["dpo"], who)
        error = NotInThisState
    else:
        erase(bank.workspace, bank.tokens["dpo"], who)
        error = NotInThisState
    with pytest.raises(error):
        keep_object(bank.workspace, bank.tokens[role], who, purpose, item, [b"frames"])
    assert stored(bank) == []
    assert verify_ledger(bank.reopened().workspace).flaws == []
    if case == "frozen":
        release(bank.workspace, bank.tokens["dpo"], who)
        assert keep_object(bank.workspace, bank.tokens["collector"], who, PURPOSE, VIDEO, [b"frames"])


def test_a_consent_taken_back_while_it_uploads_stops_the_object(bank: Lender) -> None:
    """The facts of the last moment decide: what was uploaded is removed, and its key is settled when opened anew."""

    def parts() -> Iterator[bytes]:
        yield b"first"
        withdraw_consent(bank.workspace, bank.tokens["rights_desk"], bank.people[1], PURPOSE)
        yield b"second"

    with pytest.raises(Refused):
        keep_object(bank.workspace, bank.tokens["collector"], bank.people[1], PURPOSE, VIDEO, parts())
    assert stored(bank) == []
    assert bank.workspace.data.read(lambda records: records.cells.objects_of([bank.people[1]])) == []
    again = bank.reopened()
    assert again.workspace.custody.keyring.pending() == []
    assert verify_ledger(again.workspace).flaws == []


def test_whom_an_object_depicts_is_on_its_row(bank: Lender) -> None:
    """Its own person and the others are listed once each; only the others' erasures report it as somebody else's."""
    both = (bank.people[1], bank.people[2])
    made = keep_object(bank.workspace, bank.tokens["collector"], both[0], PURPOSE, VIDEO, [b"frames"], depicts=both)
    shown = bank.workspace.data.read(
        lambda records: [[row.object_id for _, row in records.cells.objects_depicting([who])] for who in both]
    )
    assert shown == [[], [made]]
