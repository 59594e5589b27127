"""A workspace of very many people, made fast: the rows that ``collect`` would write, in batches of 20,000.

What is left out is what the benchmark of bulk sealing measures: source, policy and recognition; and a name in the
journal of a collection. Keys, cells, tags, authority rows and events are the product's own, made by its own functions,
so that the ledger verifies and every operation works as on a workspace that was collected.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.house import House, card, open_house
from bench.people import person, wrapped
from shouxin.domain.identifiers import CellId, SubjectId, new
from shouxin.keys.chain import LinkKind
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.collecting.intake import Portion
from shouxin.operations.collecting.sealing import Draft, Drawn, write_drafts
from shouxin.vault.index import INDEXED
from shouxin.vault.records import Records

__all__ = ["PURPOSE", "build"]

PURPOSE = "loan.review"
BATCH = 20_000
_OFTEN = 1_000_000


def build(home: Path, people: int, step: Callable[[int], None] = lambda _done: None) -> tuple[House, list[SubjectId]]:
    """Return a workspace in ``home`` and its ``people`` subjects, by number; three tags each."""
    items = tuple(person(0))
    house = open_house(home, [card(PURPOSE, items, statutory=True, look_ups_an_hour=_OFTEN)])
    subjects: list[SubjectId] = []
    pages: list[bytes] = []
    for start in range(0, people, BATCH):
        numbers = range(start, min(start + BATCH, people))
        subjects += _batch(house, numbers, pages)
        step(len(subjects))
    index, epoch = house.workspace.index, house.workspace.custody.current
    index.drop_generation(epoch)
    index.build(epoch, pages)
    return house, subjects


def _batch(house: House, numbers: range, pages: list[bytes]) -> list[SubjectId]:
    """Keys first, durable; then cells, rows and one event a person in one transaction. Tags are added to ``pages``."""
    workspace, token = house.workspace, house.tokens["collector"]
    custody, tagger = workspace.custody, workspace.tagger
    drafts = [
        Draft(new(SubjectId), [Portion(PURPOSE, "file", wrapped(person(number)))], leads=1, cells=[new(CellId)])
        for number in numbers
    ]
    minted = custody.mint_with(
        [draft.subject for draft in drafts],
        [[(LinkKind.PEPPER, new(CellId), None), (LinkKind.CELL, draft.cells[0], None)] for draft in drafts],
    )
    custody.keyring.add([chain for chain, _ in minted], fence=custody.current)
    drawn = [Drawn(keys[0], {draft.cells[0]: keys[1]}) for draft, (_, keys) in zip(drafts, minted, strict=True)]
    for draft in drafts:
        values = draft.portions[0].values
        inner = [tagger.inner(item, value.text()) for item, value in values.items() if item in INDEXED]
        outer = tagger.outer(custody.service("index.cipher"), inner)
        pages.append(b"".join(tag + draft.cells[0] + draft.subject for tag in outer))

    def write(records: Records) -> None:
        act = begin(workspace, records, token)
        cards = {PURPOSE: current_engine(workspace, records, PURPOSE, act.now).card(PURPOSE)}
        write_drafts(workspace, records, act, cards, list(zip(drafts, drawn, strict=True)))

    workspace.data.transact(write)
    return [draft.subject for draft in drafts]
