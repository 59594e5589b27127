"""A workspace of very many people, made fast: the rows that ``collect`` would write, in batches of 20,000.

What is left out is what the benchmark of bulk sealing measures: source, policy and recognition; and a name in the
journal of a collection. Keys, cells, tags, authority rows and events are the product's own, made by its own functions,
so that the ledger verifies and every operation works as on a workspace that was collected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import insert

from bench.house import House, card, open_house
from bench.people import person, wrapped
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.event import EventKind
from shouxin.domain.identifiers import CellId, EventId, SubjectId, new
from shouxin.keys.chain import LinkKind
from shouxin.ledger.commitment import blinding, commit_to
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.workspace import Workspace
from shouxin.storage.sqlite import engine, writing
from shouxin.storage.tables import INDEX, tags
from shouxin.vault.cell import Binding, seal_cell
from shouxin.vault.index import INDEXED
from shouxin.vault.records import CellKind, CellRow, Records, Subject, SubjectState

__all__ = ["PURPOSE", "build"]

PURPOSE = "loan.review"
BATCH = 20_000
_OFTEN = 100_000_000


def build(home: Path, people: int, step: Callable[[int], None] = lambda _done: None) -> tuple[House, list[SubjectId]]:
    """Return a workspace in ``home`` and its ``people`` subjects, by number; three tags each."""
    items = tuple(person(0))
    house = open_house(home, [card(PURPOSE, items, statutory=True, look_ups_an_hour=_OFTEN)])
    subjects: list[SubjectId] = []
    found: list[tuple[bytes, SubjectId, CellId]] = []
    for start in range(0, people, BATCH):
        numbers = range(start, min(start + BATCH, people))
        subjects += _batch(house, numbers, found)
        step(len(subjects))
    _index(home / "index" / f"{house.workspace.custody.current}.db", found)
    return house, subjects


def _index(file: Path, rows: list[tuple[bytes, SubjectId, CellId]]) -> None:
    """Load the blind index in order, and make its second index when all is there: minutes become seconds."""
    made = engine(file, INDEX)
    second = next(iter(tags.indexes))
    rows.sort()
    with writing(made) as connection:
        second.drop(connection)
    for at in range(0, len(rows), 10 * BATCH):
        values = [{"tag": tag, "subject": who, "cell": cell} for tag, who, cell in rows[at : at + 10 * BATCH]]
        with writing(made) as connection:
            connection.execute(insert(tags), values)
    with writing(made) as connection:
        second.create(connection)
    made.dispose()


def _batch(house: House, numbers: range, found: list[tuple[bytes, SubjectId, CellId]]) -> list[SubjectId]:
    """Keys first, durable; then cells, rows and one event a person in one transaction. Tags are added to ``found``."""
    workspace = house.workspace
    custody, tagger = workspace.custody, workspace.tagger
    subjects = [new(SubjectId) for _ in numbers]
    cells = [new(CellId) for _ in numbers]
    minted = custody.mint_with(
        subjects, [[(LinkKind.PEPPER, new(CellId), None), (LinkKind.CELL, cell, None)] for cell in cells]
    )
    custody.keyring.add([chain for chain, _ in minted], fence=custody.current)
    values = [person(number) for number in numbers]
    inner = [tagger.inner(item, value) for one in values for item, value in one.items() if item in INDEXED]
    outer = tagger.outer(custody.service("index.cipher"), inner)
    per = len(outer) // len(subjects)
    found += ((tag, subjects[at // per], cells[at // per]) for at, tag in enumerate(outer))

    def write(records: Records) -> None:
        act = begin(workspace, records, house.tokens["collector"])
        rows: list[CellRow] = []
        people: list[AuthorityRow] = []
        for subject, cell, (_, (pepper, key)), one in zip(subjects, cells, minted, values, strict=True):
            binding = Binding(workspace.institution.institution_id, subject, PURPOSE, cell)
            sealed = seal_cell(custody.suite, key, binding, wrapped(one))
            rows.append(CellRow(cell, subject, PURPOSE, "file", CellKind.OWN, None, records.ledger.size, sealed))
            people.append(_record(workspace, records, act, subject, pepper, sealed))
        records.cells.add_cells(rows)
        records.authority.add(people)

    workspace.data.transact(write)
    return subjects


def _record(
    workspace: Workspace, records: Records, act: Act, subject: SubjectId, pepper: bytes, sealed: bytes
) -> AuthorityRow:
    """Record the sealing of one cell; return the row that says the person is there."""
    salt = new(EventId)
    value = Subject(subject, SubjectState.ACTIVE, act.now)
    row = workspace.notary.write(AuthorityKind.SUBJECT, subject, 1, value, subject=subject)
    records.record(
        act.event(
            EventKind.CELLS_SEALED,
            salt,
            role="collector",
            subject=commit_to(blinding(pepper, salt), subject).hex(),
            purposes=[PURPOSE],
            items=4,
            sealed=hashlib.sha256(sealed).hexdigest(),
            **row_facts(row),
        )
    )
    return row
