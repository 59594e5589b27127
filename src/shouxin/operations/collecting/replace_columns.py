"""Replace columns of a lender's own database by tokens of the same shape; whoever needs a value goes through the door.

Order of writes. The plan's run has sealed the rows. Then: the intent; the index rows that lead from each token to its
person, durable; then one transaction of the database, which puts the tokens in the columns and the values beside them;
a read-back; the outcome. A crash before the commit leaves index rows to tokens that stand nowhere. Until it is
*confirmed* the values stand beside the tokens and everything can be rolled back. Confirming takes them away for good,
records that, and then takes away what remembers that it waited: killed anywhere, it is confirmed again.

What the vault does not hold to the letter, for the person of this row, keeps its value and is counted: what is kept
nowhere else is not taken away (``exchange_rows``).

By a token a person is found as by the value: ``look_up`` takes either, under the same card, limits and record.
"""

from __future__ import annotations

from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.event_kind import EventKind
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.acting import Act, begin
from shouxin.operations.collecting.collect import source_digest
from shouxin.operations.collecting.exchange_rows import RowExchange
from shouxin.operations.collecting.plan_file import PlanFile
from shouxin.operations.collecting.plan_row import StandingPlan
from shouxin.operations.collecting.plans import plan_in
from shouxin.operations.collecting.replaceable import Replaceable, Replaced
from shouxin.operations.collecting.sources import source_in
from shouxin.operations.index_age import note_index
from shouxin.operations.workspace import Workspace
from shouxin.policy.plan_transitions import PlanState
from shouxin.vault.index import INDEXED
from shouxin.vault.records import Records

__all__ = ["confirm_replacement", "replace_columns", "roll_back_replacement"]

_RAN: Final = frozenset({PlanState.RUNNING, PlanState.ANALYSED})
_INTENDED: Final = "intended"


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


def _permitted(workspace: Workspace, records: Records, token: Token, code: str) -> tuple[Act, StandingPlan]:
    act = begin(workspace, records, token)
    act.need("collector", "operator")
    plan = plan_in(workspace, records, code)[1]
    if plan.file().mode != "replace":
        raise Invalid("this plan does not replace", "mode")
    return act, plan


def _check_may_replace(workspace: Workspace, records: Records, plan: StandingPlan) -> None:
    source = source_in(workspace, records, plan.file().source)
    if source is None or source.ended or not source.source.own:
        raise Invalid("columns are replaced in the lender's own system only", "source")
    if plan.state not in _RAN or not plan.runs or plan.runs[-1].outcome != "finished":
        raise NotInThisState("run the plan to its end first: a value is sealed before its column becomes a token")


def _note(workspace: Workspace, token: Token, code: str, state: str, done: Replaced | None = None) -> None:
    def work(records: Records) -> None:
        act, plan = _permitted(workspace, records, token, code)
        file = plan.file()
        if state == _INTENDED:
            _check_may_replace(workspace, records, plan)
        note_index(workspace, records)
        records.record(
            act.event(
                EventKind.COLUMNS_REPLACED,
                plan=code,
                source=file.source,
                state=state,
                columns=len(_columns(file)),
                rows=0 if done is None else done.rows,
                kept=0 if done is None else done.kept + done.changed,
            )
        )

    workspace.data.transact(work)


def replace_columns(workspace: Workspace, token: Token, code: str, table: Replaceable) -> Replaced:
    """Turn the planned columns into tokens; the values stay beside them until it is confirmed or rolled back.

    Raises:
        NotInThisState: the plan has not run to its end, or a replacement waits already. Invalid: not such a plan.
        StoreUnavailable: the database refused; nothing was changed there.
    """

    def look(records: Records) -> PlanFile:
        plan = _permitted(workspace, records, token, code)[1]
        _check_may_replace(workspace, records, plan)
        return plan.file()

    file = workspace.data.read(look)
    columns = _columns(file)
    if table.waiting(list(columns)):
        raise NotInThisState("a replacement waits to be confirmed or rolled back")
    _note(workspace, token, code, _INTENDED)
    place = source_digest(file.source, code.encode() + b"\0" + table.identity())
    exchange = RowExchange(workspace, place, columns)
    done = table.replace(list(columns), file.columns() | file.taken(), exchange)
    _note(workspace, token, code, "replaced", done)
    return done


def confirm_replacement(workspace: Workspace, token: Token, code: str, table: Replaceable) -> None:
    """Take the values away from the database for good; said only after it was looked, and repeated where it stopped.

    Raises:
        NotInThisState: nothing waits, or values are still there after all. StoreUnavailable: the database refused.
    """
    columns = _columns(workspace.data.read(lambda records: _permitted(workspace, records, token, code)[1].file()))
    if not table.waiting(list(columns)):
        raise NotInThisState("no replacement waits to be confirmed")
    left = table.confirm(list(columns))
    _note(workspace, token, code, "left" if left else "confirmed")
    if left:
        raise NotInThisState("the database still has the values: confirm again")
    table.conclude(list(columns))


def roll_back_replacement(workspace: Workspace, token: Token, code: str, table: Replaceable) -> int:
    """Put the values back; return how many rows got another value meanwhile and were left as they are.

    Raises:
        NotInThisState: nothing waits: it was never begun, or it was confirmed, be it half-way.
    """
    columns = _columns(workspace.data.read(lambda records: _permitted(workspace, records, token, code)[1].file()))
    if not table.waiting(list(columns)):
        raise NotInThisState("no replacement waits to be rolled back")
    changed = table.roll_back(list(columns))
    _note(workspace, token, code, "rolled-back", Replaced(0, changed))
    return changed
