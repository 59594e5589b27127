"""Killed, or refused by a store, at every durable write of every operation that spans more than one store.

Each operation is run once to count its writes. Then it is run again for each of them: in a process of its own that
kills itself (SIGKILL) just before or just after that write; and in this process with the write refused, lost or kept.
Afterwards the workspace is opened anew and everything is asked that a lender would ask.

Processes are forked by a *nursery* that never touched an object store: its library does not survive a fork.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

import pytest

from shouxin.actors.account import Token
from shouxin.bootstrap import open_workspace, restore_workspace
from shouxin.domain.identifiers import ObjectId, OperationId, RightId, SubjectId
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import CallerError, OperatorError, ShouxinError, StoreUnavailable
from shouxin.keys.chain import LinkKind
from shouxin.operations.account_for import account_for
from shouxin.operations.advance import advance, key_status
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.collecting import collect as collecting
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.correct import correct
from shouxin.operations.erasing.erase import erase, resume_erasures
from shouxin.operations.objects import archive as archiving
from shouxin.operations.objects.archive import run_archive
from shouxin.operations.objects.keep import keep_object
from shouxin.operations.objects.recall import recall_object
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.opening.permit import Wish
from shouxin.operations.recovery.backup import back_up, reconcile
from shouxin.operations.rights.access_package import make_package
from shouxin.operations.rights.answer import Said, fulfil
from shouxin.operations.rights.correcting import correct_for
from shouxin.operations.rights.handle import get_right, list_rights
from shouxin.operations.tiers import hash_of
from shouxin.rights.kinds import RightKind
from shouxin.rights.transitions import RightState
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.index_store import SqlIndex
from shouxin.storage.journal_file import JournalFile
from shouxin.storage.key_file import KeyFile
from shouxin.storage.keyring_store import SqlKeyring
from shouxin.storage.object_store import ObstoreObjects
from shouxin.storage.publication import PublicFolder
from shouxin.storage.shelf import FileShelf
from shouxin.vault.certificate import check
from shouxin.vault.index import ROW_SIZE, TAG_SIZE
from tests.house.tree import expect_none
from tests.operations.archives import DAYS, wait, with_archive
from tests.operations.portfolio import (
    CARD_NUMBER,
    ID_NUMBER,
    JOB,
    MARK,
    MOBILE,
    NAME,
    PLAN,
    VIDEO,
    Hands,
    Lender,
    contact_of,
    lender,
    record,
    values_of,
)
from tests.operations.rights.counter import counter, files, handled
from tests.workspaces import close

ROOT: Final = Path(__file__).resolve().parents[2]
PLACE: Final = source_digest("core", b"the file of the day")
FRAMES: Final = MARK.encode() * 50
RIGHT: Final = Plaintext.of("13512345678")

# Every method of a driver that writes something durable.
WRITES: Final[dict[type, tuple[str, ...]]] = {
    SqlDataStore: ("transact", "replay", "compact", "empty_log", "copy_to"),
    SqlKeyring: (
        *("add", "replace", "remove", "rewrap", "add_epoch", "remove_epoch", "set_step", "settle"),
        *("compact", "copy_to"),
    ),
    SqlIndex: ("add", "build", "remove", "drop_generation", "open_generation", "compact", "copy_to"),
    ObstoreObjects: ("put", "remove"),
    JournalFile: ("append",),
    FileShelf: ("put",),
    KeyFile: ("create", "destroy"),
    PublicFolder: ("put_tiles", "put_checkpoint"),
}
# What a restore does with whole folders, before any driver is opened.
FOLDERS: Final = ("rmtree", "copytree")

Moment = Literal["before", "after"]
Fault = Callable[[int, str, Moment], None]


def plant(patch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Have ``fault`` called before and after every durable write, with its number and name."""
    count = iter(range(1_000_000))

    def watched(name: str, write: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **more: Any) -> Any:
            number = next(count)
            fault(number, name, "before")
            result = write(*arguments, **more)
            fault(number, name, "after")
            return result

        return run

    for driver, names in WRITES.items():
        for name in names:
            patch.setattr(driver, name, watched(f"{driver.__name__}.{name}", getattr(driver, name)))
    for name in FOLDERS:
        patch.setattr(f"shouxin.storage.backups.shutil.{name}", watched(f"backups.{name}", getattr(shutil, name)))


@dataclass
class Site:
    """A prepared lender on disk, as a process can be told of it: where, whose sign-ins, who is who, what to expect."""

    home: str
    tokens: dict[str, str]
    people: dict[int, str]
    notes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, bank: Lender, **notes: str) -> Site:
        """Describe ``bank``, closed."""
        close(bank.workspace)
        people = {number: subject.hex() for number, subject in bank.people.items()}
        return cls(str(bank.home), {**bank.tokens}, people, notes)

    def copied(self, folder: Path) -> Site:
        """Copy everything beside and below ``home`` into ``folder``."""
        shutil.copytree(Path(self.home).parent, folder)
        return Site(str(folder / Path(self.home).name), self.tokens, self.people, self.notes)

    def open(self) -> Lender:
        """Open the lender, as a process that begins would."""
        people = {int(number): SubjectId(bytes.fromhex(subject)) for number, subject in self.people.items()}
        tokens = {role: Token(token) for role, token in self.tokens.items()}
        return Lender(open_workspace(Path(self.home)), tokens, Path(self.home), people)

    @property
    def backup(self) -> Path:
        """The backup that a case made beside the workspace."""
        return Path(self.home).parent / "backup"


# ------------------------------------------------------------------------------------------------ what can be asked
def expect(condition: object, what: str) -> None:
    """Raise with ``what`` unless ``condition`` holds."""
    if not condition:
        raise AssertionError(what)


def no_plaintext(home: Path, numbers: range = range(1, 10)) -> None:
    """Search everything written for any of the marked values."""
    texts = {MARK, RIGHT.text()}
    for number in numbers:
        everything = {**values_of(number), **contact_of(number)[0].values}
        texts |= {value.text() for value in everything.values()}
    wanted = [text.encode() for text in texts]
    for path in home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            expect(not any(one in content for one in wanted), f"plaintext in {path.relative_to(home)}")


def intact(bank: Lender, *, finished: bool) -> None:
    """Audit everything; only once resumed may no intent be open."""
    flaws = [flaw for flaw in verify_ledger(bank.workspace).flaws if finished or flaw.is_integrity]
    expect(not flaws, "; ".join(f"{flaw.kind} {flaw.place}: {flaw.detail}" for flaw in flaws))


def opens(bank: Lender, *numbers: int, job: str | None = None) -> None:
    """Everybody named opens to what they said, and is found by what they said."""
    seen = bank.masked(*(bank.people[number] for number in numbers))
    for number in numbers:
        values, who = values_of(number), bank.people[number]
        expect(len(seen.get(who, {})) == 3, f"applicant {number} does not open")
        right = {CARD_NUMBER: values[CARD_NUMBER].text(), JOB: job or values[JOB].text()}
        expect(bank.raw(who) == right, f"applicant {number} opens to something else")
        expect(bank.find(number) == [who], f"applicant {number} is not found")


def gone(bank: Lender, number: int, cells: str) -> None:
    """Nothing of an erased applicant opens or is found, and no key of theirs is left."""
    who = bank.people[number]
    expect(bank.is_gone(who), f"applicant {number} opens after erasure")
    expect(bank.find(number) == [], f"applicant {number} is found after erasure")
    chain = bank.workspace.custody.keyring.get([who]).get(who)
    opened = None if chain is None else bank.workspace.custody.open(chain)
    held = [bytes.fromhex(cell) for cell in cells.split()]
    expect(held and not any(opened is not None and opened.holds(cell) for cell in held), "a destroyed key is there")


def cells_of(bank: Lender, number: int) -> str:
    """Return the identifiers of an applicant's cells and objects."""
    who = bank.people[number]
    rows = bank.workspace.data.read(lambda records: records.cells.cells_of([who]))
    held = bank.workspace.data.read(lambda records: records.cells.objects_of([who]))
    return " ".join([*(row.cell.hex() for row in rows), *(row.object_id.hex() for row in held)])


def no_loose_ends(bank: Lender) -> None:
    """After opening nothing is pending: every key, tag and sealed object belongs to a row that stands."""
    workspace = bank.workspace
    expect(workspace.custody.keyring.pending() == [], "work is pending after opening")
    rows = {cell for cell, *_ in workspace.data.read(lambda records: list(records.all_cells()))}
    objects = {one for one, _ in workspace.data.read(lambda records: list(records.all_objects()))}
    expect(set(workspace.objects.all_objects()) <= objects, "a sealed object without a row is left")
    for epoch in workspace.index.generations():
        page = b"".join(workspace.index.pages(epoch, 10_000))
        tagged = {page[at + TAG_SIZE : at + 2 * TAG_SIZE] for at in range(0, len(page), ROW_SIZE)}
        expect(tagged <= rows, "a tag of a cell that does not stand is left")
    for subject, chain in workspace.custody.keyring.get(list(workspace.custody.keyring.all_subjects())).items():
        links = {link.identifier for link in workspace.custody.open(chain).links if link.kind is not LinkKind.PEPPER}
        expect(links <= rows | objects, f"a key without a row is left of {subject.hex()[:8]}")


# ------------------------------------------------------------------------------------------------------------ cases
class Case:
    """One operation: the lender before it, what is done, how it is taken up again, what must hold then."""

    def prepare(self, folder: Path) -> Site:
        """Make the lender."""
        raise NotImplementedError

    def act(self, bank: Lender) -> None:
        """Do what is interrupted."""
        raise NotImplementedError

    def run(self, site: Site) -> Lender:
        """Open the workspace and act."""
        bank = site.open()
        self.act(bank)
        return bank

    def between(self, site: Site, bank: Lender) -> None:
        """What holds as soon as the workspace is open again."""

    def resume(self, site: Site, bank: Lender) -> Lender:
        """Take it up again."""
        self.act(bank)
        return bank

    def after(self, site: Site, bank: Lender) -> None:
        """What holds once it was taken up again."""
        raise NotImplementedError


class Collecting(Case):
    """Two batches: somebody known who comes again, and new people, each naming a contact."""

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2])
        return Site.of(bank)

    def act(self, bank: Lender) -> None:
        records = [record(line, number, contact=True) for line, number in enumerate((2, 3, 4, 5), 1)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(collecting, "_BATCH", 2)
            collect(bank.workspace, bank.tokens["collector"], PLAN, records, place=PLACE)

    def between(self, site: Site, bank: Lender) -> None:
        opens(bank, 1, 2)
        there = {number: bank.find(number) for number in (3, 4, 5)}
        expect(all(len(found) <= 1 for found in there.values()), "somebody is there twice")
        expect(len(there[4]) == len(there[5]), "a batch went in by half")
        for number, found in there.items():
            expect(len(bank.find_contact(number)) == len(found), "a person without their contact")
            expect(not found or bank.raw(found[0])[JOB] == values_of(number)[JOB].text(), "a person who does not open")

    def after(self, site: Site, bank: Lender) -> None:
        for number in (3, 4, 5):
            (bank.people[number],) = bank.find(number)
        for number in (2, 3, 4, 5):
            expect(len(bank.find_contact(number)) == 1, "a contact is missing or there twice")
        opens(bank, 1, 2, 3, 4, 5)
        expect(len(list(bank.workspace.custody.keyring.all_subjects())) == 9, "a chain too many or too few")


class Keeping(Case):
    """A video of a customer who consented to it."""

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2])
        return Site.of(bank, film=bank.film(bank.people[1], FRAMES).hex())

    def act(self, bank: Lender) -> None:
        who = bank.people[1]
        keep_object(bank.workspace, bank.tokens["collector"], who, "interview.video", VIDEO, [FRAMES, b"more"])

    def films(self, bank: Lender) -> list[bytes]:
        """Return every video that is on record, opened."""
        who = bank.people[1]
        rows = bank.workspace.data.read(lambda records: records.cells.objects_of([who]))
        wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form="raw")
        found = []
        for row in rows:
            _, parts = disclose_object(bank.workspace, bank.tokens["credit_officer"], wish, row.object_id)
            found.append(b"".join(part.reveal() for part in parts))
        return sorted(found)

    def between(self, site: Site, bank: Lender) -> None:
        expect(self.films(bank) in ([FRAMES], [FRAMES, FRAMES + b"more"]), "a video is lost or does not open")

    def after(self, site: Site, bank: Lender) -> None:
        films = self.films(bank)
        expect(films[0] == FRAMES and set(films[1:]) == {FRAMES + b"more"}, "a video is lost or does not open")
        opens(bank, 1, 2)


class Disclosing(Case):
    """Two people masked, then one raw."""

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2])
        seen = len(account_for(bank.workspace, bank.tokens["dpo"], bank.people[1]))
        return Site.of(bank, seen=str(seen))

    def act(self, bank: Lender) -> None:
        bank.masked(bank.people[1], bank.people[2])
        bank.raw(bank.people[1])

    def between(self, site: Site, bank: Lender) -> None:
        openings = account_for(bank.workspace, bank.tokens["dpo"], bank.people[1])
        expect(0 <= len(openings) - int(site.notes["seen"]) <= 2, "openings are lost or invented")

    def after(self, site: Site, bank: Lender) -> None:
        openings = account_for(bank.workspace, bank.tokens["dpo"], bank.people[1])
        expect(2 <= len(openings) - int(site.notes["seen"]) <= 4, "an opening is not accounted for")
        opens(bank, 1, 2)


class Correcting(Case):
    """A wrong mobile and job, in two cells, one of them indexed."""

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2])
        return Site.of(bank, cells=cells_of(bank, 1))

    def act(self, bank: Lender) -> None:
        correct(bank.workspace, bank.tokens["dpo"], bank.people[1], {MOBILE: RIGHT, JOB: Plaintext.of("teacher")})

    def between(self, site: Site, bank: Lender) -> None:
        who = bank.people[1]
        corrected = bank.raw(who)[JOB] == "teacher"
        expect((bank.look_up(MOBILE, RIGHT) == [who]) == corrected, "the new mobile finds them, or not, too early")
        expect((bank.find(1, MOBILE) == [who]) != corrected, "the old mobile finds them, or not, too late")
        opens(bank, 1, job="teacher" if corrected else None)
        opens(bank, 2)

    def after(self, site: Site, bank: Lender) -> None:
        who = bank.people[1]
        opens(bank, 1, job="teacher")
        opens(bank, 2)
        expect(bank.look_up(MOBILE, RIGHT) == [who], "the right value does not find them")
        expect(bank.find(1, MOBILE) == [], "the wrong value finds them")
        opened = bank.workspace.custody.open(bank.workspace.custody.keyring.get([who])[who])
        now = set(cells_of(bank, 1).split())
        old = [bytes.fromhex(cell) for cell in site.notes["cells"].split() if cell not in now]
        expect(len(old) == 2 and not any(map(opened.holds, old)), "the key of a wrong value is left")


class ErasingWhole(Case):
    """A declined applicant with a video, named by nobody; and one who stays."""

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1])
        bank.take([3, 4], customer=False, contact=True)
        bank.film(bank.people[3], FRAMES)
        bank.masked(bank.people[3])
        return Site.of(bank, cells=cells_of(bank, 3))

    def act(self, bank: Lender) -> None:
        erase(bank.workspace, bank.tokens["dpo"], bank.people[3])

    def between(self, site: Site, bank: Lender) -> None:
        opens(bank, 1, 4)
        if not bank.is_gone(bank.people[3]):  # not intended yet: then everything is as it was
            opens(bank, 3)

    def resume(self, site: Site, bank: Lender) -> Lender:
        resume_erasures(bank.workspace, bank.tokens["rights_desk"])
        if not bank.is_gone(bank.people[3]):
            self.act(bank)
        return bank

    def after(self, site: Site, bank: Lender) -> None:
        gone(bank, 3, site.notes["cells"])
        opens(bank, 1, 4)
        expect(len(bank.find_contact(4)) == len(bank.find_contact(3)) == 1, "a contact went with who named them")
        certified(bank, bank.people[3], "erased")
        expect(not list(bank.workspace.objects.all_objects()), "the video is left")


def certified(bank: Lender, subject: SubjectId, outcome: str) -> None:
    """The erasure of ``subject`` has one certificate, and it can be checked."""
    from shouxin.domain.authority import AuthorityKind

    rows = bank.workspace.data.read(lambda records: records.authority.find(AuthorityKind.ERASURE, subject=subject))
    expect(len(rows) == 1, f"{len(rows)} erasures instead of one")
    document = certificate(bank.workspace, bank.tokens["dpo"], OperationId(rows[0].identifier))
    verdict = check(document, bank.workspace.head.verifier)
    expect(verdict.outcome == outcome, f"the certificate says {verdict.outcome}")


class ErasingInPart(Case):
    """A customer under a floor: video and contact's edge go, identity and contract stay and open for the law."""

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2], contact=True)
        return Site.of(bank, film=bank.film(bank.people[1], FRAMES).hex())

    def act(self, bank: Lender) -> None:
        erase(bank.workspace, bank.tokens["dpo"], bank.people[1])

    def between(self, site: Site, bank: Lender) -> None:
        opens(bank, 2)

    def resume(self, site: Site, bank: Lender) -> Lender:
        resume_erasures(bank.workspace, bank.tokens["dpo"])
        try:
            bank.masked(bank.people[1])
        except CallerError:  # frozen: it was intended, and is finished now
            return bank
        self.act(bank)
        return bank

    def after(self, site: Site, bank: Lender) -> None:
        who, workspace = bank.people[1], bank.workspace
        wish = bank.wish(who, purpose="rights.answer", items={CARD_NUMBER, JOB, MOBILE})
        seen = disclose(workspace, bank.tokens["rights_desk"], wish).values[who]
        expect(set(seen) == {CARD_NUMBER, MOBILE}, "what a floor keeps does not open, or more than that does")
        expect(not workspace.objects.exists(ObjectId(bytes.fromhex(site.notes["film"]))), "the video is left")
        expect(bank.find(1) == [], "who is only stored and protected is found for a purpose that no law imposes")
        expect(len(bank.find_contact(1)) == 1, "the contact went with the edge")
        opens(bank, 2)
        certified(bank, who, "erased-in-part")


def whole_copies(bank: Lender) -> dict[str, int]:
    """Return, for every object on record, in how many stores it stands as it was sealed."""
    workspace = bank.workspace
    assert workspace.archive is not None
    stores = (workspace.objects, workspace.archive)
    rows = workspace.data.read(lambda records: records.cells.objects_of(list(bank.people.values())))
    return {
        row.object_id.hex(): sum(
            store.exists(row.object_id) and hash_of(store, row.object_id) == row.digest for store in stores
        )
        for row in rows
    }


def film_wish(bank: Lender, number: int) -> Wish:
    """Return the wish to see an applicant's video."""
    return bank.wish(bank.people[number], purpose="interview.video", items={VIDEO}, form="raw")


class Archiving(Case):
    """Three old videos of two people go to the archive, two at a time."""

    def prepare(self, folder: Path) -> Site:
        clock = Hands()
        bank = with_archive(folder, clock)
        bank.take([1, 2])
        films = [bank.film(bank.people[number], FRAMES) for number in (1, 1, 2)]
        wait(bank, clock, days=DAYS + 1)
        return Site.of(bank, films=" ".join(film.hex() for film in films))

    def act(self, bank: Lender) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(archiving, "_BATCH", 2)
            run_archive(bank.workspace, bank.tokens["operator"])

    def between(self, site: Site, bank: Lender) -> None:
        copies = whole_copies(bank)
        expect(set(copies) == set(site.notes["films"].split()), "a video has no row any more")
        expect(all(copies.values()), "a video is whole in no store")
        opens(bank, 1, 2)

    def after(self, site: Site, bank: Lender) -> None:
        self.between(site, bank)
        expect(set(whole_copies(bank).values()) == {1}, "a video is left in two stores")
        expect(not list(bank.workspace.objects.all_objects()), "an archived video is left in the hot store")
        first = ObjectId(bytes.fromhex(site.notes["films"].split()[0]))
        token = bank.tokens["credit_officer"]
        recall_object(bank.workspace, token, film_wish(bank, 1), first)
        _, parts = disclose_object(bank.workspace, token, film_wish(bank, 1), first)
        expect(b"".join(part.reveal() for part in parts) == FRAMES, "a recalled video is another")


class Recalling(Archiving):
    """One of them comes back."""

    def prepare(self, folder: Path) -> Site:
        site = super().prepare(folder)
        bank = site.open()
        run_archive(bank.workspace, bank.tokens["operator"])
        return Site.of(bank, **site.notes)

    def act(self, bank: Lender) -> None:
        films = bank.workspace.data.read(lambda records: records.cells.objects_of([bank.people[2]]))
        recall_object(bank.workspace, bank.tokens["credit_officer"], film_wish(bank, 2), films[0].object_id)

    def resume(self, site: Site, bank: Lender) -> Lender:
        run_archive(bank.workspace, bank.tokens["operator"])
        self.act(bank)
        return bank

    def after(self, site: Site, bank: Lender) -> None:
        self.between(site, bank)
        expect(set(whole_copies(bank).values()) == {1}, "a video is left in two stores")
        expect(len(list(bank.workspace.objects.all_objects())) == 1, "the video did not come back")


class ErasingArchived(ErasingWhole):
    """A declined applicant with a video in the archive, and one on its way that stands in both stores."""

    def prepare(self, folder: Path) -> Site:
        clock = Hands()
        bank = with_archive(folder, clock)
        bank.take([1])
        bank.take([3, 4], customer=False, contact=True)
        bank.film(bank.people[3], FRAMES)
        wait(bank, clock, days=DAYS + 1)
        run_archive(bank.workspace, bank.tokens["operator"])
        bank.film(bank.people[3], FRAMES)
        wait(bank, clock, days=DAYS + 1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ObstoreObjects, "remove", refuse)
            with contextlib.suppress(StoreUnavailable):
                run_archive(bank.workspace, bank.tokens["operator"])
        expect(sorted(whole_copies(bank).values()) == [1, 2], "the case is not what it says")
        return Site.of(bank, cells=cells_of(bank, 3))

    def after(self, site: Site, bank: Lender) -> None:
        super().after(site, bank)
        assert bank.workspace.archive is not None
        expect(not list(bank.workspace.archive.all_objects()), "a video is left in the archive")


def refuse(*_given: Any) -> None:
    """Stand for a store that says no."""
    raise StoreUnavailable("the store cannot be used now")


class Advancing(Case):
    """An epoch with somebody erased in it, kept people, a video and edges."""

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2], contact=True)
        bank.take([3], customer=False)
        bank.film(bank.people[1], FRAMES)
        cells = cells_of(bank, 3)
        erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
        site = Site.of(bank, cells=cells)
        shutil.copytree(bank.home / "keyring", bank.home.parent / "old-keyring")
        return site

    def act(self, bank: Lender) -> None:
        advance(bank.workspace, bank.tokens["operator"])

    def between(self, site: Site, bank: Lender) -> None:
        opens(bank, 1, 2)
        gone(bank, 3, site.notes["cells"])

    def after(self, site: Site, bank: Lender) -> None:
        status = key_status(bank.workspace, bank.tokens["operator"])
        expect(len(status) == 1 and status[0][1] == "settled", f"the epoch is {status}")
        opens(bank, 1, 2)
        expect(len(bank.find_contact(1)) == 1, "a contact is lost")
        gone(bank, 3, site.notes["cells"])
        certified(bank, bank.people[3], "erased")
        expect(Keeping().films(bank) == [FRAMES], "the video does not open")
        expect(len(bank.workspace.index.generations()) == 1, "an old generation of the index is left")
        close(bank.workspace)
        shutil.rmtree(bank.home / "keyring")
        shutil.copytree(bank.home.parent / "old-keyring", bank.home / "keyring")
        try:
            site.open()
        except OperatorError:
            return
        raise AssertionError("a keyring from before the advance opens")


class Restoring(Case):
    """A backup from before an erasure, a correction and a new applicant, put back and reconciled."""

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2])
        bank.take([3], customer=False)
        bank.film(bank.people[2], FRAMES)
        cells, before = cells_of(bank, 3), cells_of(bank, 1).split()
        back_up(bank.workspace, bank.tokens["operator"], bank.home.parent / "backup")
        erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
        correct(bank.workspace, bank.tokens["dpo"], bank.people[1], {MOBILE: RIGHT})
        (wrong,) = set(before) - set(cells_of(bank, 1).split())
        publish(bank.workspace, bank.tokens["operator"])
        return Site.of(bank, cells=cells, wrong=wrong)

    def run(self, site: Site) -> Lender:
        workspace, _ = restore_workspace(Path(site.home), site.backup)
        bank = Lender(workspace, {role: Token(token) for role, token in site.tokens.items()}, Path(site.home))
        reconcile(workspace, bank.tokens["operator"])
        return bank

    def between(self, site: Site, bank: Lender) -> None:
        try:
            expect(not bank.masked(bank.people[3]).get(bank.people[3]), "somebody erased is back")
        except ShouxinError:
            return

    def resume(self, site: Site, bank: Lender) -> Lender:
        try:
            reconcile(bank.workspace, bank.tokens["operator"])
        except ShouxinError:
            close(bank.workspace)
            return self.run(site)
        return bank

    def after(self, site: Site, bank: Lender) -> None:
        gone(bank, 3, site.notes["cells"])
        opens(bank, 2)
        expect(bank.find(1, MOBILE) == [], "a wrong value finds somebody again")
        expect(bank.find(1) == [bank.people[1]], "who was corrected is not found by the rest")
        wish = bank.wish(bank.people[1], purpose="rights.answer", items={NAME, ID_NUMBER, MOBILE, CARD_NUMBER, JOB})
        seen = disclose(bank.workspace, bank.tokens["rights_desk"], wish).values[bank.people[1]]
        untouched = bank.look_up(MOBILE, RIGHT) == [bank.people[1]]  # stopped before anything was replaced
        beside = {NAME, ID_NUMBER, CARD_NUMBER, JOB} | ({MOBILE} if untouched else set())
        expect(set(seen) == beside, "what stood beside a wrong value is lost")
        opened = bank.workspace.custody.open(bank.workspace.custody.keyring.get([bank.people[1]])[bank.people[1]])
        expect(not opened.holds(bytes.fromhex(site.notes["wrong"])), "the key of a wrong value is left")


class Reconciling(Restoring):
    """The same, put back already: only what follows is interrupted, and only that is taken up again."""

    def prepare(self, folder: Path) -> Site:
        site = super().prepare(folder)
        close(restore_workspace(Path(site.home), site.backup)[0])
        return site

    def run(self, site: Site) -> Lender:
        bank = site.open()
        reconcile(bank.workspace, bank.tokens["operator"])
        return bank


class Receiving(Case):
    """A request of somebody known and a complaint of a stranger: sealed words, a row, its event, a mark."""

    def prepare(self, folder: Path) -> Site:
        bank = counter(folder)
        bank.take([1, 2])
        return Site.of(bank)

    def act(self, bank: Lender) -> None:
        files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job", evidence=(MARK.encode(),))
        files(bank, RightKind.REPORT_LEAK, None, right=RightId(b"report of a leak"))

    def between(self, site: Site, bank: Lender) -> None:
        opens(bank, 1, 2)
        owed = list_rights(bank.workspace, bank.tokens["dpo"])
        about = [one for one in owed if one.request.subject == bank.people[1]]
        expect(len(owed) <= 2 and len(about) <= 1, "something was received twice")
        wish = bank.wish(bank.people[1], purpose="loan.file", items={JOB})
        marked = disclose(bank.workspace, bank.tokens["analyst"], wish).disputed
        expect(bool(marked) == bool(about), "a mark without its objection, or an objection without its mark")
        for one in owed:
            held = bank.workspace.data.read(lambda records, who=one.request.filer: records.cells.cells_of([who]))
            cells = {row.cell for row in held}
            expect({piece.cell for piece in one.request.evidence} <= cells, "a request without what was handed in")

    def after(self, site: Site, bank: Lender) -> None:
        self.between(site, bank)
        owed = list_rights(bank.workspace, bank.tokens["dpo"])
        expect({one.request.kind for one in owed} == {RightKind.OBJECT_CREDIT, RightKind.REPORT_LEAK}, "one is lost")


class Answering(Case):
    """A copy is made, then an objection is corrected and answered in writing."""

    def prepare(self, folder: Path) -> Site:
        bank = counter(folder)
        bank.take([1, 2])
        copy = handled(bank, files(bank, RightKind.ACCESS, bank.people[1]))
        wrong = handled(bank, files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job"))
        return Site.of(bank, copy=copy.hex(), wrong=wrong.hex())

    def act(self, bank: Lender) -> None:
        desk = bank.tokens["rights_desk"]
        filed = {one.request.kind: one.right for one in list_rights(bank.workspace, desk, all_states=True)}
        copy, wrong = filed[RightKind.ACCESS], filed[RightKind.OBJECT_CREDIT]
        if get_right(bank.workspace, desk, copy).request.state.owed:
            make_package(bank.workspace, desk, copy)
            fulfil(bank.workspace, desk, copy, Said(done=("package",)))
        if get_right(bank.workspace, desk, wrong).request.state.owed:
            correct_for(bank.workspace, desk, wrong, {JOB: RIGHT}, Said(reply=Plaintext.of(f"{MARK}已更正")))

    def between(self, site: Site, bank: Lender) -> None:
        opens(bank, 2)
        desk = bank.tokens["rights_desk"]
        copy, wrong = (
            get_right(bank.workspace, desk, RightId(bytes.fromhex(site.notes[name]))).request
            for name in ("copy", "wrong")
        )
        leaves = {one.leaf for one in account_for(bank.workspace, desk, bank.people[1])}
        expect(set(copy.packages) <= leaves, "a package without its disclosure")
        expect(copy.answer is None or copy.packages, "a copy is called given that was never made")
        job = bank.raw(bank.people[1])[JOB]
        expect(job in {values_of(1)[JOB].text(), RIGHT.text()}, "a value that nobody said")
        expect(wrong.answer is None or job == RIGHT.text(), "a correction is called done that was not")
        wish = bank.wish(bank.people[1], purpose="loan.file", items={JOB})
        marked = bool(disclose(bank.workspace, bank.tokens["analyst"], wish).disputed)
        expect(marked == (wrong.answer is None), "the mark and the answer disagree")

    def after(self, site: Site, bank: Lender) -> None:
        self.between(site, bank)
        states = {one.request.state for one in list_rights(bank.workspace, bank.tokens["dpo"], all_states=True)}
        expect(states == {RightState.FULFILLED}, "an answer is missing")


CASES: Final[dict[str, Case]] = {
    "collect": Collecting(),
    "keep": Keeping(),
    "disclose": Disclosing(),
    "correct": Correcting(),
    "erase-whole": ErasingWhole(),
    "erase-in-part": ErasingInPart(),
    "archive": Archiving(),
    "recall": Recalling(),
    "erase-archived": ErasingArchived(),
    "advance": Advancing(),
    "restore": Restoring(),
    "reconcile": Reconciling(),
    "receive-right": Receiving(),
    "answer-right": Answering(),
}
# A restore that was stopped half way may leave a workspace that opens only by restoring again.
MAY_NOT_OPEN: Final = {"restore"}
# Before it is reconciled, the rows of a backup are not what the log says, and an audit says so.
HALF_RESTORED: Final = {"restore", "reconcile"}


# ---------------------------------------------------------------------------------------------------------- nursery
def _play(name: str, site: Site, target: tuple[int, str] | None, report: Path, *, again: bool) -> None:
    """Run one case in this process, or take it up ``again``; kill it at ``target``, or write down every write."""
    seen: list[str] = []

    def fault(number: int, write: str, moment: Moment) -> None:
        if target == (number, moment):
            os.kill(os.getpid(), signal.SIGKILL)
        if moment == "before":
            seen.append(write)

    plant(pytest.MonkeyPatch(), fault)
    case = CASES[name]
    close((case.resume(site, site.open()) if again else case.run(site)).workspace)
    report.write_text(json.dumps(seen))


def nursery() -> None:
    """Fork a process for each order on standard input, and say on standard output how it ended."""
    with TemporaryDirectory() as folder:  # so that no child has to compile what all of them run
        bank = lender(Path(folder))
        bank.take([1])
        bank.raw(bank.people[1])
        Correcting().act(bank)
        erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
        Advancing().act(bank)
        close(bank.workspace)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            report = Path(order["report"])
            try:
                target = tuple(order["target"]) if order["target"] else None
                _play(order["case"], Site(**order["site"]), target, report, again=order["again"])
            except BaseException:
                report.write_text(traceback.format_exc())
                os._exit(1)
            os._exit(0)
        if order["within"] is not None:
            time.sleep(order["within"])
            os.kill(child, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


@dataclass
class Nursery:
    """The process that forks others."""

    process: subprocess.Popen[str]

    def run(
        self,
        case: str,
        site: Site,
        target: tuple[int, str] | None,
        *,
        again: bool = False,
        within: float | None = None,
    ) -> tuple[int, str]:
        """Run ``case`` to its end, or to where it is killed; return how it ended and what it wrote down.

        With ``again`` it is taken up where it stopped. It is killed at ``target``, or ``within`` so many seconds.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        report = Path(site.home).parent / "report"
        report.unlink(missing_ok=True)
        order = {"case": case, "site": asdict(site), "target": target, "report": str(report)}
        order |= {"again": again, "within": within}
        print(json.dumps(order), file=self.process.stdin, flush=True)
        ended = int(self.process.stdout.readline())
        return ended, report.read_text() if report.exists() else ""


@contextlib.contextmanager
def started() -> Iterator[Nursery]:
    """Start a nursery; it ends with the block."""
    code = "from tests.faults.test_kill_points import nursery; nursery()"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
    )
    with process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="module")
def forge() -> Iterator[Nursery]:
    """Start a nursery for this module."""
    with started() as nursery:
        yield nursery


# ------------------------------------------------------------------------------------------------------------ tests
def judged(name: str, site: Site, bank: Lender | None) -> None:
    """Ask everything of a workspace after a fault: as it is, and after it was taken up again."""
    case = CASES[name]
    no_plaintext(Path(site.home))
    if bank is None and name in MAY_NOT_OPEN:
        try:
            bank = site.open()
        except ShouxinError:
            bank = None
    elif bank is None:
        bank = site.open()
    if bank is None:
        bank = case.run(site)
    else:
        if name not in HALF_RESTORED:
            intact(bank, finished=False)
        case.between(site, bank)
        bank = case.resume(site, bank)
    close(bank.workspace)
    bank = site.open()
    intact(bank, finished=True)
    no_plaintext(Path(site.home))
    no_loose_ends(bank)
    case.after(site, bank)
    close(bank.workspace)


def faults(tmp_path: Path, name: str, forge: Nursery) -> tuple[Site, list[str]]:
    """Prepare a case, and count its writes by running it to its end."""
    site = CASES[name].prepare(tmp_path / "prepared")
    ended, report = forge.run(name, site.copied(tmp_path / "counted"), None)
    assert ended == 0, report
    return site, json.loads(report)


def problem(error: Exception) -> str:
    """Return what went wrong and where."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"


# What is killed before a write has left on disk what is killed after the one before it: all but the first are checked
# twice, so the second time is for long runs.
@pytest.mark.parametrize("moment", [pytest.param("before", marks=pytest.mark.long), "after"])
@pytest.mark.parametrize("name", CASES)
def test_killed_at_any_write_it_is_all_or_nothing(tmp_path: Path, forge: Nursery, name: str, moment: str) -> None:
    """Killed at any write: nothing is half done, nobody who stays is lost, nobody erased opens, and it can go on."""
    site, writes = faults(tmp_path, name, forge)
    problems: list[str] = []
    for number, write in enumerate(writes):
        here = site.copied(tmp_path / str(number))
        ended, report = forge.run(name, here, (number, moment))
        try:
            expect(ended == -signal.SIGKILL, f"it was not killed: {ended} {report}")
            judged(name, here, None)
        except (AssertionError, ShouxinError, LookupError, ValueError) as error:
            problems.append(f"killed {moment} {number} {write}: {problem(error)}")
        shutil.rmtree(tmp_path / str(number))
    assert writes
    expect_none(problems)


@pytest.mark.parametrize("kept", [False, True], ids=["lost", "kept"])
@pytest.mark.parametrize("name", CASES)
def test_a_refused_write_is_all_or_nothing(tmp_path: Path, forge: Nursery, name: str, kept: bool) -> None:
    """A store that says no, whether the write was lost or kept: the same, and the same process can go on."""
    site, writes = faults(tmp_path, name, forge)
    wrong: Moment = "after" if kept else "before"
    problems: list[str] = []
    for number, write in enumerate(writes):
        here = site.copied(tmp_path / str(number))
        case, bank = CASES[name], None

        def fault(at: int, _write: str, moment: Moment, wanted: int = number) -> None:
            if (at, moment) == (wanted, wrong):
                raise StoreUnavailable("the store cannot be used now")

        try:
            with pytest.MonkeyPatch.context() as patch:
                bank = None if name in HALF_RESTORED else here.open()
                plant(patch, fault)
                with contextlib.suppress(OperatorError):
                    case.run(here) if bank is None else case.act(bank)
            judged(name, here, bank)
        except (AssertionError, ShouxinError, LookupError, ValueError) as error:
            problems.append(f"{'kept' if kept else 'lost'} {number} {write}: {problem(error)}")
        shutil.rmtree(tmp_path / str(number))
    assert writes
    expect_none(problems)
