"""A lender that is interrupted: where it writes, and what can be asked of it afterwards.

A case is one operation: the lender before it, what is done, how it is taken up again, and what must hold then. The
cases stand beside this file, by operation; ``nursery`` runs them in processes of their own.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

import pytest

from shouxin.actors.account import Token
from shouxin.bootstrap import open_workspace
from shouxin.config import read_settings
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.plaintext import Plaintext
from shouxin.keys.chain import LinkKind
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.collecting.collect import source_digest
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.index_store import SqlIndex
from shouxin.storage.journal_file import JournalFile
from shouxin.storage.key_file import KeyFile
from shouxin.storage.keyring_store import SqlKeyring
from shouxin.storage.object_store import ObstoreObjects
from shouxin.storage.publication import PublicFolder
from shouxin.storage.revocation_file import RevocationFile
from shouxin.storage.shelf import FileShelf
from shouxin.vault.index import ROW_SIZE, TAG_SIZE
from tests.operations.portfolio import (
    CARD_NUMBER,
    JOB,
    MARK,
    Lender,
    contact_of,
    values_of,
)
from tests.workspaces import close

ROOT: Final = Path(__file__).resolve().parents[2]
PLACE: Final = source_digest("core", b"the file of the day")
FRAMES: Final = MARK.encode() * 50
RIGHT: Final = Plaintext.of("13512345678")

# Every method of a driver that writes something durable.
WRITES: Final[dict[type, tuple[str, ...]]] = {
    SqlDataStore: ("transact", "transact_then", "finish_restore", "replay", "compact", "empty_log", "copy_to"),
    SqlKeyring: (
        *("add", "replace", "remove", "rewrap", "add_epoch", "add_services", "remove_epoch", "set_step", "settle"),
        *("compact", "copy_to"),
    ),
    SqlIndex: ("add", "build", "remove", "drop_generation", "open_generation", "compact", "copy_to"),
    ObstoreObjects: ("put", "remove"),
    JournalFile: ("append",),
    RevocationFile: ("intend", "confirm", "restored"),
    FileShelf: ("put",),
    KeyFile: ("create", "destroy"),
    PublicFolder: ("put_tiles", "put_checkpoint", "put_verifier"),
}
# Every other method of theirs: it reads, makes an empty store, or writes by one of the above.
READS: Final[dict[type, tuple[str, ...]]] = {
    SqlDataStore: (
        "create",
        "read",
        "during_restore",
        "restoring",
        "moving_objects",
        "damage",
        "rolled_back",
        "settle",
        "log_mark",
        "close",
    ),
    SqlKeyring: (
        *("create", "epochs", "service_keys", "get", "at_work", "alone", "pending", "mark", "all_chains"),
        *("count", "all_subjects", "damage", "log_mark", "close"),
    ),
    SqlIndex: ("generations", "age", "find", "find_all", "rows_of", "pages", "count", "damage", "close"),
    ObstoreObjects: ("local", "archive", "take", "get", "get_range", "exists", "standing", "all_objects"),
    JournalFile: ("entries", "count", "turn"),
    # Settling writes where somebody died: what follows reaches it.
    RevocationFile: ("create", "refresh", "settle", "replaced", "rolled_back", "listed", "unsettled"),
    FileShelf: ("get",),
    KeyFile: ("exists", "wrap", "unwrap", "residuals"),
    PublicFolder: ("verifier", "checkpoint", "names", "read"),
}
# What a restore does with whole folders, before any driver is opened.
FOLDERS: Final = ("rmtree", "copytree")

# Folders that spread objects, and what is published or signed in: as many as there are.
MANY: Final = re.compile(r"data/objects/[0-9a-f]{2}|public/tile(/entries|/[x\d]+(\.p)?)*|sign-ins/\w+")

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


def known_files(bank: Lender) -> set[str]:
    """Return the name of every file that a workspace may hold once nothing is under way, but tiles and sign-ins."""
    workspace = bank.workspace
    objects = [one.hex() for one, _ in workspace.data.read(lambda records: list(records.all_objects()))]
    stores = ["data/data.db", "keyring/keyring.db", *(f"index/{one}.db" for one in workspace.index.generations())]
    return {
        *("config.toml", "data/turn", "data/moving-objects", "keyring/at-work", "apart/destructions.turn"),
        *("apart/checkpoint", "apart/destructions", "apart/revocations"),
        *("public/log.vkey", "public/checkpoint", "public/verify_certificate.py"),
        *(f"{store}{tail}" for store in stores for tail in ("", "-wal", "-shm")),
        *(f"root/epoch-{row.epoch}.key" for row in workspace.custody.keyring.epochs()),
        *(f"data/objects/{name[:2]}/{name}" for name in objects),
    }


def no_strays(bank: Lender) -> None:
    """Nothing lies in the workspace that belongs to no store: no copy of a keyring, no half-written key or object."""
    folders = {str(folder.relative_to(bank.home)) for folder in read_settings(bank.home).folders()}
    known = known_files(bank)
    for path in bank.home.rglob("*"):
        name = str(path.relative_to(bank.home))
        if path.is_dir():
            expect(name in folders or MANY.fullmatch(name), f"a folder that nothing needs is left: {name}")
        else:
            expect(name in known or MANY.fullmatch(name), f"a file that nothing needs is left: {name}")


def no_loose_ends(bank: Lender) -> None:
    """After opening nothing is pending: every key, tag, file and sealed object belongs to a row that stands."""
    workspace = bank.workspace
    no_strays(bank)
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


class Case:
    """One operation: the lender before it, what is done, how it is taken up again, what must hold then.

    ``writes`` is what it must write at least, in this order: a case in which a write is no longer met tests nothing.
    """

    writes: ClassVar[tuple[str, ...]]

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
