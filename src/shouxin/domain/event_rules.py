"""Under which rule each event about a person was done (law 5).

Most events of a person say their rules themselves, because they differ from case to case. The kinds below do not. Of
some the kind is the rule: whatever stands in the log under it was done under that one. Of the others something that
stands beside them in the log, or in the event, says it. An entry is read to the letter, so a fact that is added to a
kind would make every older entry of it unreadable: what a kind can say by itself it does not repeat in each entry.

Called by: the documents (``docs/events.md``) and the tests that hold every kind against these lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shouxin.domain.event_kind import EventKind

__all__ = ["RULE_ELSEWHERE", "RULE_OF_KIND"]

# The rule of the law pack that an event of this kind carries out, always.
RULE_OF_KIND: Final[Mapping[EventKind, str]] = MappingProxyType(
    {
        EventKind.NOTICE_SERVED: "CN-PIPL-17-1-NOTICE",
        EventKind.CONSENT_GIVEN: "CN-PIPL-14-1-INFORMED",
        EventKind.CONSENT_REFUSED: "CN-PIPL-14-1-INFORMED",
        EventKind.CONSENT_WITHDRAWN: "CN-PIPL-15-1-WITHDRAWN",
        EventKind.CELL_CORRECTED: "CN-PIPL-46-1-CORRECT",
        EventKind.CELL_RESTORED: "CN-PIPL-46-1-CORRECT",
    }
)

# What says under which rule an event of this kind was done, where neither it nor its kind does.
RULE_ELSEWHERE: Final[Mapping[EventKind, str]] = MappingProxyType(
    {
        EventKind.CODE_CHANGED: "part of the consent that it confirms, which has an event of its own",
        EventKind.RECIPIENT_TOLD: "carries out the withdrawal that was recorded under the same purpose, or the erasure",
        EventKind.RECIPIENT_ACKNOWLEDGED: "answers what the recipient was told",
        EventKind.CELLS_SEALED: "the cards of the purposes that it names: each has its lawful basis, and is in the log",
        EventKind.OBJECT_SEALED: "the card of the purpose that it names",
        EventKind.OBJECT_MOVING: "the card of the purpose that it names; nobody sees anything by a move",
        EventKind.OBJECT_MOVED: "the card of the purpose that it names; nobody sees anything by a move",
        EventKind.LOOK_UP_MADE: "the card, in the version that it names",
        EventKind.ERASURE_REMOVED: "the erasure's intent, of the same operation",
        EventKind.ERASURE_SEALED: "the erasure whose plan it names by its digest, as its outcome did",
        EventKind.HOLD_CHANGED: "the paper whose digest it states: who demands it and under which law stands there",
        EventKind.DATABASE_AMENDED: "the correction or freeze that it carries into a database, recorded just before",
        EventKind.PASS_ISSUED: "the right of access is asked for through it, and has events of its own",
        EventKind.PASS_USED: "the right of access is asked for through it, and has events of its own",
        EventKind.RIGHT_ENDED: "a restore takes what is uncertain to its safe end; what ended it before is in the log",
        EventKind.RIGHT_RECEIVED: "the right that it names; its rules stand in what changes and answers it",
    }
)
