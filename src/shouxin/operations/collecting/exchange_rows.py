"""Decide row by row which values may become tokens, make these, and write the index rows that lead from them.

Laws of this file. A row is touched only if it stands to the letter as it arrived, and a value only if it is, to the
letter, what the door would show of the person of this row: what is kept nowhere else is not taken away. Who that is
their identifiers say; of several whom a shared mobile leads to, the one of whom the vault holds most of the row. A row
of which no identifier becomes a token stays as it is: nothing would lead to what it held. Values are opened in memory
and compared, and none is let out: that is no disclosure.

Called by: ``operations.collecting.replace_columns``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from shouxin.domain.identifiers import CellId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.authentic import Authenticator
from shouxin.operations.collecting.arrivals import Arrivals
from shouxin.operations.collecting.intake_source import Met, SourceRecord
from shouxin.operations.collecting.replaceable import Stays
from shouxin.operations.index_age import check_index
from shouxin.operations.opening.look_up import standing
from shouxin.operations.subjects import with_merged
from shouxin.operations.workspace import Workspace
from shouxin.protection.shaped_tokens import ATTEMPTS, is_shaped_token, shaped_token
from shouxin.vault.index import INDEXED, normalise
from shouxin.vault.records import CellRow, Records

__all__ = ["RowExchange"]

# A row of the index, and who stands behind it.
_Place: TypeAlias = tuple[SubjectId, CellId]
_Found: TypeAlias = dict[bytes, dict[_Place, SubjectId]]
_MET = {Met.CHANGED: Stays.CHANGED, Met.NEW: Stays.UNKNOWN}


class RowExchange:
    """Exchanges the rows of one table, of which ``place`` says where they arrived, column by item."""

    def __init__(self, workspace: Workspace, place: bytes, columns: Mapping[str, ItemCode]) -> None:
        self._workspace = workspace
        self._arrivals = Arrivals(workspace, place)
        self._columns = columns
        self._key = workspace.custody.service("index.prf")

    def __call__(self, rows: Sequence[SourceRecord]) -> Sequence[Mapping[str, str] | Stays]:
        """Return the tokens of each row by column, or why it stays as it is.

        Raises:
            RolledBack: index or keyring is an old copy. NotInThisState: no token is free for a value.
        """
        made: list[Mapping[str, str] | Stays] = [Stays.ALREADY] * len(rows)
        said = [self._said(row) for row in rows]
        fresh = [at for at, row in enumerate(said) if not self._is_done(row)]
        met = self._arrivals.recall([rows[at] for at in fresh]) if fresh else []
        made_of = {at: _MET.get(how, Stays.UNKNOWN) for at, how in zip(fresh, met, strict=True)}
        same = [at for at, how in zip(fresh, met, strict=True) if how is Met.SAME]
        tags = {at: self._tags(said[at]) for at in same}
        found = self._found({tag for row in tags.values() for tag in row.values()})
        holding = _Holding(self._workspace, {who for held in found.values() for who in held.values()})
        added: list[tuple[bytes, SubjectId, CellId]] = []
        for at in fresh:
            made[at] = made_of[at]
            people = {who for tag in tags.get(at, {}).values() for who in found.get(tag, {}).values()}
            held = holding.most(people, [(self._columns[name], value) for name, value in said[at].items()])
            may = {name: value for name, value in said[at].items() if (self._columns[name], value) in held}
            if not may.keys().isdisjoint(tags.get(at, {})):
                made[at] = self._tokens(may, tags[at], found, added)
        for epoch, cipher in self._workspace.generations():
            outer = self._workspace.tagger.outer(cipher, [tag for tag, _, _ in added])
            self._workspace.index.add(epoch, ((tag, *one[1:]) for tag, one in zip(outer, added, strict=True)))
        return made

    def _said(self, row: SourceRecord) -> dict[str, str]:
        """Return what stands in the columns that are to be replaced, without the empty ones."""
        fields = row.fields.reveal()
        return {name: fields[name] for name in self._columns if fields.get(name)}

    def _is_done(self, row: Mapping[str, str]) -> bool:
        """Say whether a row holds tokens already."""
        return any(is_shaped_token(self._columns[name], value) for name, value in row.items())

    def _tags(self, row: Mapping[str, str]) -> dict[str, bytes]:
        """Return the tag of each value of a row by which somebody can be found."""
        tags = {}
        for name, value in row.items():
            if self._columns[name] in INDEXED:
                try:
                    tags[name] = self._workspace.tagger.inner(self._columns[name], value)
                except Invalid:
                    return {}  # such a row was set aside
        return tags

    def _found(self, tags: Collection[bytes]) -> _Found:
        """Return the places of each tag that lead to somebody who stands, each with who that is."""
        places: dict[bytes, list[_Place]] = {}
        inner = sorted(tags)
        for epoch, cipher in self._workspace.generations():
            outer = dict(zip(self._workspace.tagger.outer(cipher, inner), inner, strict=True))
            for tag, held in self._workspace.index.find_all(epoch, list(outer)).items():
                places.setdefault(outer[tag], []).extend(held)

        def stand(records: Records) -> _Found:
            check_index(self._workspace, records)
            every = {place for held in places.values() for place in held}
            behind = {place: standing(self._workspace, records, [place]) for place in every}
            return {tag: {one: behind[one][0] for one in held if behind[one]} for tag, held in places.items()}

        return self._workspace.data.read(stand)

    def _tokens(
        self,
        may: Mapping[str, str],
        tags: Mapping[str, bytes],
        found: _Found,
        added: list[tuple[bytes, SubjectId, CellId]],
    ) -> dict[str, str]:
        """Return the tokens of one row's values, and note where those of identifiers lead."""
        tokens = {}
        for name, value in may.items():
            item = self._columns[name]
            led = found.get(tags[name], {}) if name in tags else {}
            tokens[name] = self._token(item, value, led, added) if led else shaped_token(self._key, item, value, value)
        return tokens

    def _token(
        self,
        item: ItemCode,
        value: str,
        places: Collection[_Place],
        added: list[tuple[bytes, SubjectId, CellId]],
    ) -> str:
        """Return the token of one value, one that leads to nobody else, and note where it leads."""
        people = {subject for subject, _ in places}
        normal = normalise(item, value)
        for attempt in range(ATTEMPTS):
            token = shaped_token(self._key, item, value, normal, attempt)
            tag = self._workspace.tagger.inner(item, token)
            taken = {subject for subject, _ in self._found({tag}).get(tag, {})}
            taken |= {subject for other, subject, _ in added if other == tag}
            if taken <= people:
                added += [(tag, subject, cell) for subject, cell in places]
                return token
        raise NotInThisState("no token is free for a value: the shape has too few of them")


class _Holding:
    """What the vault holds of some people, fetched at once; says only whether it is what somebody else says."""

    def __init__(self, workspace: Workspace, people: Collection[SubjectId]) -> None:
        def fetch(records: Records) -> tuple[dict[SubjectId, list[SubjectId]], list[CellRow]]:
            everybody = with_merged(workspace, records, sorted(people))
            alone = len(everybody) == len(people)
            selves = {one: [one] if alone else with_merged(workspace, records, [one]) for one in people}
            return selves, records.cells.cells_of(everybody)

        self._selves, rows = workspace.data.read(fetch)
        self._rows: dict[SubjectId, list[CellRow]] = {}
        for row in rows:
            self._rows.setdefault(row.subject, []).append(row)
        self._authentic = Authenticator(workspace, workspace.custody.keyring.get(list(self._rows)))

    def most(
        self, people: Collection[SubjectId], said: Collection[tuple[ItemCode, str]]
    ) -> frozenset[tuple[ItemCode, str]]:
        """Return those of ``said`` that the vault holds of one of ``people``: of the one of whom it holds most."""
        held: frozenset[tuple[ItemCode, str]] = frozenset()
        for one in sorted(people):
            rows = [row for part in self._selves[one] for row in self._rows.get(part, ())]
            held = max(held, self._authentic.shown(rows, said), key=len)
        return held
