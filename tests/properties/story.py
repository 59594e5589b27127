"""A story: a lender that lives through steps, and the model of what must come of each."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from shouxin.domain.identifiers import ObjectId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import NotFound, Refused
from shouxin.vault.records import CellRow
from tests import recorded
from tests.operations.portfolio import CARD_NUMBER, JOB, MARK, Hands, Lender, lender, values_of
from tests.workspaces import close

CUSTOMERS: Final = (1, 2)
APPLICANTS: Final = (3, 4)
FILMED: Final = (1, 3)
FRAMES: Final = f"{MARK}影像".encode() * 20
CONTRACT: Final = frozenset({CARD_NUMBER, JOB})


@dataclass
class Known:
    """What must be true of one record."""

    number: int
    subject: SubjectId
    values: dict[ItemCode, str]
    film: ObjectId | None = None
    consented: bool = False
    customer: bool = False
    frozen: bool = False
    erased: bool = False
    kept_by_law: bool = False
    protected: set[ItemCode] = field(default_factory=set)
    into: int | None = None


@dataclass
class Story:
    """A lender and the model of what must be so; ``gone`` is what was erased, as it stood in an old copy."""

    bank: Lender
    folder: Path
    people: dict[int, Known]
    gone: list[CellRow] = field(default_factory=list)
    pieces: set[bytes] = field(default_factory=set)
    fresh: int = 10

    @property
    def size(self) -> int:
        """How many leaves the log has."""
        return recorded.size(self.bank.workspace)

    def path(self, number: int) -> list[Known]:
        """Return a record and those into which it was merged."""
        found = [self.people[number]]
        while found[-1].into is not None:
            found.append(self.people[found[-1].into])
        return found

    def behind(self, number: int) -> list[Known]:
        """Return a record and those that were merged into it, as far as they are not erased."""
        found, front = [self.people[number]], [number]
        while front:
            into = front.pop()
            for one in self.people.values():
                if one.into == into and not one.erased:
                    found.append(one)
                    front.append(one.number)
        return found

    def usable(self, number: int) -> type[Exception] | None:
        """Return what a use of this record must raise, or nothing when it is permitted."""
        path = self.path(number)
        if any(one.erased for one in path):
            return NotFound
        return Refused if any(one.frozen for one in path) else None


@cache
def _begun() -> tuple[Path, dict[str, Any], dict[int, SubjectId], dict[int, ObjectId]]:
    """Make the lender with which every story begins; it goes when the process does."""
    folder = Path(tempfile.mkdtemp(prefix="shouxin-laws-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    bank = lender(folder, Hands())
    bank.take(CUSTOMERS, contact=True)
    bank.take(APPLICANTS, customer=False)
    films = {number: bank.film(bank.people[number], FRAMES) for number in FILMED}
    close(bank.workspace)
    return bank.home, bank.tokens, bank.people, films


def begin(folder: Path) -> Story:
    """Return a story that begins in ``folder``."""
    template, tokens, people, films = _begun()
    home = folder / "workspace"
    shutil.copytree(template, home)
    clock = Hands()
    clock.on(minutes=5)
    bank = Lender(None, dict(tokens), home, dict(people)).reopened(clock)  # type: ignore[arg-type]
    known = {
        number: Known(
            number,
            subject,
            {item: value.text() for item, value in values_of(number).items()},
            films.get(number),
            consented=number in films,
            customer=number in CUSTOMERS,
        )
        for number, subject in people.items()
    }
    return Story(bank, folder, known)
