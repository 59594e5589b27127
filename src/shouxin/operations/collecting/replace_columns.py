"""Replace columns of a lender's own database by tokens of the same shape; whoever needs a value goes through the door.

Order of writes. The plan's run has sealed the rows. Then: the intent; the index rows that lead from each token to its
person, durable; then one transaction of the database, which puts the tokens in the columns and the values beside them;
a read-back; the outcome. A crash before the commit leaves index rows to tokens that stand nowhere. Until it is
*confirmed* the values stand beside the tokens and everything can be rolled back; confirming takes them away for good.

A row whose person the vault does not know (it was set aside, or came later) keeps its values and is counted: what is
kept nowhere else is not taken away.

By a token a person is found as by the value: ``look_up`` takes either, under the same card, limits and record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from shouxin.actors.account import Token
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.acting import Act, begin
from shouxin.operations.collecting.plan_file import PlanFile
from shouxin.operations.collecting.plans import plan_in
from shouxin.operations.collecting.sources import source_in
from shouxin.operations.index_age import check_index, note_index
from shouxin.operations.opening.look_up import standing
from shouxin.operations.workspace import Workspace
from shouxin.policy.plan_transitions import PlanState
from shouxin.protection.shaped_tokens import ATTEMPTS, is_shaped_token, shaped_token
from shouxin.vault.index import INDEXED, normalise
from shouxin.vault.records import Records

__all__ = ["Exchange", "Replaceable", "Replaced", "confirm_replacement", "replace_columns", "roll_back_replacement"]

_RAN: Final = frozenset({PlanState.RUNNING, PlanState.ANALYSED})
# What replaces the values of a batch of rows: for each row its tokens by column, or nothing where it stays as it is.
Exchange = Callable[[Sequence[Mapping[str, str]]], Sequence[Mapping[str, str] | None]]


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of the rows: how many hold tokens now, and how many kept their values."""

    rows: int
    kept: int


class Replaceable(Protocol):
    """A table whose columns can become tokens, in one transaction, with the values beside them until confirmed."""

    def waiting(self, columns: Sequence[str]) -> bool:
        """Say whether a replacement of these columns waits to be confirmed or rolled back."""
        ...

    def replace(self, columns: Sequence[str], exchange: Exchange) -> Replaced:
        """Put tokens in the columns and the values beside them; committed on return."""
        ...

    def confirm(self, columns: Sequence[str]) -> int:
        """Take the values beside the tokens away for good; return how many columns of them are left."""
        ...

    def roll_back(self, columns: Sequence[str]) -> int:
        """Put the values back where their token still stands; return how many rows have another value by now."""
        ...


def _columns(plan: PlanFile) -> dict[str, ItemCode]:
    """Return the columns to be replaced, each with its item.

    Raises:
        Invalid: none of them can be looked up by: nobody could be found by their tokens.
    """
    named = {item: ItemCode(item) for item in plan.items if item not in plan.fields.values()}
    columns = {**named, **{column: ItemCode(item) for column, item in plan.fields.items()}}
    if not any(item in INDEXED for item in columns.values()):
        raise Invalid("none of the columns is an item by which a person can be found", "fields")
    return columns


def _may_replace(workspace: Workspace, records: Records, token: Token, code: str) -> tuple[Act, PlanFile]:
    act = begin(workspace, records, token)
    act.need("collector", "operator")
    plan = plan_in(workspace, records, code)[1]
    file = plan.file()
    if file.mode != "replace":
        raise Invalid("this plan does not replace", "mode")
    source = source_in(workspace, records, file.source)
    if source is None or source.ended or not source.source.own:
        raise Invalid("columns are replaced in the lender's own system only", "source")
    if plan.state not in _RAN or not plan.runs or plan.runs[-1].outcome != "finished":
        raise NotInThisState("run the plan to its end first: a value is sealed before its column becomes a token")
    return act, file


def _note(workspace: Workspace, token: Token, code: str, state: str, done: Replaced | None = None) -> PlanFile:
    def work(records: Records) -> PlanFile:
        act, file = _may_replace(workspace, records, token, code)
        note_index(workspace, records)
        records.record(
            act.event(
                EventKind.COLUMNS_REPLACED,
                plan=code,
                source=file.source,
                state=state,
                columns=len(_columns(file)),
                rows=0 if done is None else done.rows,
                kept=0 if done is None else done.kept,
            )
        )
        return file

    return workspace.data.transact(work).value


def replace_columns(workspace: Workspace, token: Token, code: str, table: Replaceable) -> Replaced:
    """Turn the planned columns into tokens; the values stay beside them until it is confirmed or rolled back.

    Raises:
        NotInThisState: the plan has not run to its end, or a replacement waits already. Invalid: not such a plan.
        StoreUnavailable: the database refused; nothing was changed there.
    """
    columns = _columns(workspace.data.read(lambda records: _may_replace(workspace, records, token, code)[1]))
    if table.waiting(list(columns)):
        raise NotInThisState("a replacement waits to be confirmed or rolled back")
    _note(workspace, token, code, "intended")
    done = table.replace(list(columns), _Exchange(workspace, columns))
    _note(workspace, token, code, "replaced", done)
    return done


def confirm_replacement(workspace: Workspace, token: Token, code: str, table: Replaceable) -> None:
    """Take the values away from the database for good; said only after it was looked.

    Raises:
        NotInThisState: nothing waits. StoreUnavailable: values are still there after all.
    """
    columns = _columns(workspace.data.read(lambda records: _may_replace(workspace, records, token, code)[1]))
    if not table.waiting(list(columns)):
        raise NotInThisState("no replacement waits to be confirmed")
    left = table.confirm(list(columns))
    _note(workspace, token, code, "left" if left else "confirmed")
    if left:
        raise NotInThisState("the database still has the values: confirm again")


def roll_back_replacement(workspace: Workspace, token: Token, code: str, table: Replaceable) -> int:
    """Put the values back; return how many rows got another value meanwhile and were left as they are.

    Raises:
        NotInThisState: nothing waits: it was confirmed, or never begun.
    """
    columns = _columns(workspace.data.read(lambda records: _may_replace(workspace, records, token, code)[1]))
    if not table.waiting(list(columns)):
        raise NotInThisState("no replacement waits to be rolled back")
    changed = table.roll_back(list(columns))
    _note(workspace, token, code, "rolled-back", Replaced(0, changed))
    return changed


class _Exchange:
    """Finds the person of each row, makes its tokens, and writes the index rows that lead from them."""

    def __init__(self, workspace: Workspace, columns: Mapping[str, ItemCode]) -> None:
        self._workspace = workspace
        self._columns = columns
        self._key = workspace.custody.service("index.prf")

    def __call__(self, rows: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str] | None]:
        """Return the tokens of each row by column; nothing for a row whose person the vault does not know."""
        found = self._found({tag for row in rows for tag in self._tags(row).values()})
        made: list[Mapping[str, str] | None] = []
        added: list[tuple[bytes, SubjectId, CellId]] = []
        for row in rows:
            tags = self._tags(row)
            # Every identifier of the row must be known: one that is not was not sealed, and is nowhere else.
            if not tags or self._is_done(row) or not all(found.get(tag) for tag in tags.values()):
                made.append(None)
                continue
            tokens = {}
            for column, item in self._columns.items():
                value = row.get(column, "")
                if value and column in tags:
                    tokens[column] = self._token(item, value, found[tags[column]], added)
                elif value:
                    tokens[column] = shaped_token(self._key, item, value, value)
            made.append(tokens)
        for epoch, cipher in self._workspace.generations():
            outer = self._workspace.tagger.outer(cipher, [tag for tag, _, _ in added])
            self._workspace.index.add(epoch, ((tag, *one[1:]) for tag, one in zip(outer, added, strict=True)))
        return made

    def _is_done(self, row: Mapping[str, str]) -> bool:
        """Say whether a row holds tokens already."""
        return any(is_shaped_token(item, row.get(column, "")) for column, item in self._columns.items())

    def _tags(self, row: Mapping[str, str]) -> dict[str, bytes]:
        """Return the tag of each value of a row by which somebody can be found."""
        tags = {}
        for column, item in self._columns.items():
            if item in INDEXED and row.get(column):
                try:
                    tags[column] = self._workspace.tagger.inner(item, row[column])
                except Invalid:
                    return {}
        return tags

    def _found(self, tags: set[bytes]) -> dict[bytes, list[tuple[SubjectId, CellId]]]:
        """Return the places of each tag that lead to somebody who stands."""
        places: dict[bytes, list[tuple[SubjectId, CellId]]] = {}
        inner = sorted(tags)
        for epoch, cipher in self._workspace.generations():
            outer = dict(zip(self._workspace.tagger.outer(cipher, inner), inner, strict=True))
            for tag, held in self._workspace.index.find_all(epoch, list(outer)).items():
                places.setdefault(outer[tag], []).extend(held)

        def stand(records: Records) -> dict[bytes, list[tuple[SubjectId, CellId]]]:
            check_index(self._workspace, records)
            every = {place for held in places.values() for place in held}
            one = {place: bool(standing(self._workspace, records, [place])) for place in every}
            return {tag: [place for place in held if one[place]] for tag, held in places.items()}

        return self._workspace.data.read(stand)

    def _token(
        self,
        item: ItemCode,
        value: str,
        places: list[tuple[SubjectId, CellId]],
        added: list[tuple[bytes, SubjectId, CellId]],
    ) -> str:
        """Return the token of one value, one that leads to nobody else, and note where it leads."""
        people = {subject for subject, _ in places}
        normal = normalise(item, value)
        for attempt in range(ATTEMPTS):
            token = shaped_token(self._key, item, value, normal, attempt)
            tag = self._workspace.tagger.inner(item, token)
            taken = {subject for subject, _ in self._found({tag}).get(tag, [])}
            taken |= {subject for other, subject, _ in added if other == tag}
            if taken <= people:
                added += [(tag, subject, cell) for subject, cell in places]
                return token
        raise NotInThisState("no token is free for a value: the shape has too few of them")
