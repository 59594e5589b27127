"""What protects a person while their matter is open: the mark 'disputed', and an end to decisions by a program alone.

Both stand on the person's row, so that the next disclosure reads them in its own transaction; on every record of
theirs, because a disclosure may begin at any of them.

**Source:** 征信业管理条例 25(2), 25(3); PIPL 24(3).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from shouxin.errors import Invalid
from shouxin.operations.acting import Act
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.rights.desk import of_person
from shouxin.operations.subjects import change_subject, resolve_subject, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.rights.kinds import RightKind
from shouxin.rights.request import RightRequest
from shouxin.vault.records import Records, Subject

__all__ = ["MARK_RULE", "PROGRAM_RULE", "lift_within", "mark_within"]

MARK_RULE: Final = "CN-CRR-25-2-MARK"
PROGRAM_RULE: Final = "CN-PIPL-24-3-REFUSED"


def mark_within(workspace: Workspace, records: Records, act: Act, request: RightRequest) -> tuple[str, ...]:
    """Put in effect what protects the person while ``request`` is open; return what it is about, as that was read.

    Raises:
        Invalid: a program decides in none of these purposes.
    """
    if request.kind is RightKind.OBJECT_CREDIT:
        _set(workspace, records, act, request, ("dispute", MARK_RULE), set(request.about), set())
        return request.about
    if request.kind is not RightKind.REFUSE_AUTOMATION:
        return request.about
    cards = standing_engine(workspace, records, "", act.now).cards
    automated = {str(code) for code, card in cards.items() if card.automated}
    about = automated if not request.about else automated & set(request.about)
    if not about or not set(request.about) <= automated:
        raise Invalid("a program decides in none of these purposes", "about")
    _set(workspace, records, act, request, ("refuse-automation", PROGRAM_RULE), set(), about)
    return tuple(sorted(about))


def lift_within(
    workspace: Workspace, records: Records, act: Act, request: RightRequest, only: Collection[str] | None = None
) -> None:
    """End what ``request`` put in effect (``only`` on these), but for what another open request holds as well."""
    others = [
        one
        for _, one in of_person(workspace, records, request.subject)
        if one.kind is request.kind and one.received != request.received and one.state.owed
    ]
    held = {word for one in others for word in one.about}
    gone = set(request.about if only is None else only) & set(request.about) - held
    if request.kind is RightKind.OBJECT_CREDIT:
        _set(workspace, records, act, request, ("undispute", MARK_RULE), gone, set(), lift=True)
    elif request.kind is RightKind.REFUSE_AUTOMATION:
        _set(workspace, records, act, request, ("allow-automation", PROGRAM_RULE), set(), gone, lift=True)


def _set(
    workspace: Workspace,
    records: Records,
    act: Act,
    request: RightRequest,
    said: tuple[str, str],
    items: set[str],
    purposes: set[str],
    *,
    lift: bool = False,
) -> None:
    """Change the marks on every record of the person; say so once for each that changes."""
    code, rule = said
    for subject in with_merged(workspace, records, [request.subject]):
        before, standing = resolve_subject(workspace, records, subject)
        after = _with(standing, items, purposes, lift=lift)
        if after != standing:
            change_subject(workspace, records, act, before, after, code, (rule,))


def _with(standing: Subject, items: set[str], purposes: set[str], *, lift: bool) -> Subject:
    disputed = set(standing.disputed) - items if lift else set(standing.disputed) | items
    human = set(standing.human_only) - purposes if lift else set(standing.human_only) | purposes
    return replace(standing, disputed=tuple(sorted(disputed)), human_only=tuple(sorted(human)))
