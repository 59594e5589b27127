"""Events: what the ledger may say, and nothing else (law 3: the record names nobody).

``VOCABULARY`` is the whole language. An event of an unknown kind, with an unknown fact or with a value outside its
type is refused before it is written, so free text, names, subject, request or grant identifiers cannot reach the log:
a fact is a code from a fixed alphabet, a count, a time, a digest or commitment, or a list of codes. The time is a count
of milliseconds, and both identifiers have their 16 bytes, so that neither is a way around the vocabulary.

Called by operations, which build events; by ``ledger.entry``, which writes them as canonical bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SIZE, EventId, OperationId
from shouxin.errors import Invalid

__all__ = ["VOCABULARY", "Channel", "Event", "EventKind", "EventStage", "Fact", "Initiative", "check"]

Fact = str | int | list[str]


class EventKind(StrEnum):
    """Everything that can happen: ``concept.happening``."""

    INSTITUTION_OPENED = "institution.opened"
    ACCOUNT_CHANGED = "account.changed"
    SIGN_IN_OPENED = "sign-in.opened"
    SIGN_IN_ENDED = "sign-in.ended"
    SECOND_FACTOR_CHANGED = "second-factor.changed"
    CARD_ADOPTED = "card.adopted"
    NOTICE_WRITTEN = "notice.written"
    NOTICE_SERVED = "notice.served"
    CONSENT_GIVEN = "consent.given"
    CONSENT_REFUSED = "consent.refused"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    CODE_CHANGED = "code.changed"
    RECIPIENT_CHANGED = "recipient.changed"
    RECIPIENT_TOLD = "recipient.told"
    RECIPIENT_ACKNOWLEDGED = "recipient.acknowledged"
    CELLS_SEALED = "cells.sealed"
    OBJECT_SEALED = "object.sealed"
    OBJECT_MOVING = "object.moving"
    OBJECT_MOVED = "object.moved"
    COLLECTION_MOVED = "collection.moved"
    GRADE_CORRECTED = "grade.corrected"
    SOURCE_CHANGED = "source.changed"
    PLAN_CHANGED = "plan.changed"
    PLAN_RAN = "plan.ran"
    PURGE_CHANGED = "purge.changed"
    COLUMNS_REPLACED = "columns.replaced"
    EDGE_INVITED = "edge.invited"
    DISCLOSURE_MADE = "disclosure.made"
    DISCLOSURE_REFUSED = "disclosure.refused"
    LOOK_UP_MADE = "look-up.made"
    REQUEST_CHANGED = "request.changed"
    GRANT_ISSUED = "grant.issued"
    GRANT_ENDED = "grant.ended"
    CELL_CORRECTED = "cell.corrected"
    SUBJECT_CHANGED = "subject.changed"
    ERASURE_INTENDED = "erasure.intended"
    ERASURE_REMOVED = "erasure.removed"
    ERASURE_DONE = "erasure.done"
    ERASURE_SEALED = "erasure.sealed"
    HOLD_CHANGED = "hold.changed"
    RETENTION_REVIEWED = "retention.reviewed"
    ORDER_CHANGED = "order.changed"
    BATCH_CHANGED = "batch.changed"
    DELETION_PAUSED = "deletion.paused"
    DELETION_RESUMED = "deletion.resumed"
    SUPPRESSION_CHANGED = "suppression.changed"
    DATABASE_CHANGED = "database.changed"
    DATABASE_ERASED = "database.erased"
    DATABASE_AMENDED = "database.amended"
    DESTRUCTION_CHANGED = "destruction.changed"
    AUDIT_DONE = "audit.done"
    PASS_ISSUED = "pass.issued"  # noqa: S105 - no password
    PASS_USED = "pass.used"  # noqa: S105 - no password
    EPOCH_INTENDED = "epoch.intended"
    EPOCH_ADVANCED = "epoch.advanced"
    BACKUP_MADE = "backup.made"
    RESTORE_DONE = "restore.done"
    RIGHT_ENDED = "right.ended"
    RIGHT_RECEIVED = "right.received"
    RIGHT_CHANGED = "right.changed"
    RIGHT_ANSWERED = "right.answered"


class EventStage(StrEnum):
    """How an event stands to its operation: an intent must be followed by one outcome of the same operation."""

    INTENT = "intent"
    OUTCOME = "outcome"
    WHOLE = "whole"


# People choose some codes (sources, purposes). With more than six digits one could be somebody's number.
_CODE: Final = re.compile(r"(?!(?:[^0-9]*[0-9]){7})[a-z0-9][a-z0-9_.:+-]{0,79}")
_RULE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def _code(value: object) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _codes(value: object) -> bool:
    return type(value) is list and all(map(_code, value))


def _rules(value: object) -> bool:
    return type(value) is list and all(isinstance(rule, str) and _RULE.fullmatch(rule) for rule in value)


class Channel(StrEnum):
    """How a notice reaches a person. The list is closed, because a word that people choose could name somebody."""

    BRANCH = "branch"
    APP = "app"
    WEB = "web"
    MINI_PROGRAM = "mini-program"
    SMS = "sms"
    EMAIL = "email"
    PHONE = "phone"
    POST = "post"
    AGENT = "agent"
    SOURCE = "source"


class Initiative(StrEnum):
    """By whom it came that a notice was served: the institution asked, or the person came by themselves."""

    INSTITUTION = "institution"
    PERSON = "person"


_CHANNELS: Final = frozenset(one.value for one in Channel)
_INITIATIVES: Final = frozenset(one.value for one in Initiative)


def _channel(value: object) -> bool:
    return isinstance(value, str) and value in _CHANNELS


def _initiative(value: object) -> bool:
    return isinstance(value, str) and value in _INITIATIVES


def _count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 53


def _digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


_ACTOR: Final[dict[str, Callable[[object], bool]]] = {"actor": _digest, "role": _code}
_ABOUT: Final[dict[str, Callable[[object], bool]]] = {"subject": _digest}
# The MAC of the authority row that this event wrote, and of the version that it replaced (zeros: there was none).
_ROW: Final[dict[str, Callable[[object], bool]]] = {"row": _digest, "was": _digest}

# What was asked of a person: under which card, in which notice and language.
_ASKED: Final[dict[str, Callable[[object], bool]]] = {
    **_ACTOR,
    **_ABOUT,
    **_ROW,
    "purpose": _code,
    "version": _count,
    "notice": _digest,
    "language": _code,
}

VOCABULARY: Final[dict[EventKind, tuple[EventStage, dict[str, Callable[[object], bool]]]]] = {
    EventKind.INSTITUTION_OPENED: (EventStage.WHOLE, {"suite": _code, "schema": _count}),
    EventKind.ACCOUNT_CHANGED: (EventStage.WHOLE, {**_ACTOR, **_ROW, "change": _code}),
    EventKind.SIGN_IN_OPENED: (EventStage.WHOLE, {**_ACTOR, **_ROW, "until": _count}),
    EventKind.SIGN_IN_ENDED: (EventStage.WHOLE, {**_ACTOR, **_ROW}),
    EventKind.SECOND_FACTOR_CHANGED: (EventStage.WHOLE, {**_ACTOR, **_ROW, "change": _code}),
    EventKind.CARD_ADOPTED: (
        EventStage.WHOLE,
        {**_ACTOR, "purpose": _code, "version": _count, "card": _digest, "pack": _digest, **_ROW},
    ),
    # The text of a notice, once for each card version, language, kind and question; ``notice`` is its SHA-256.
    EventKind.NOTICE_WRITTEN: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "purpose": _code, "version": _count, "notice": _digest, "language": _code, "kind": _code},
    ),
    EventKind.NOTICE_SERVED: (
        EventStage.WHOLE,
        {**_ASKED, "kind": _code, "about": _code, "channel": _channel, "initiative": _initiative},
    ),
    EventKind.CONSENT_GIVEN: (EventStage.WHOLE, {**_ASKED, "separate": _count}),
    EventKind.CONSENT_REFUSED: (EventStage.WHOLE, _ASKED),
    EventKind.CONSENT_WITHDRAWN: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, "purpose": _code, "version": _count, **_ROW},
    ),
    EventKind.CODE_CHANGED: (EventStage.WHOLE, {**_ACTOR, **_ABOUT, **_ROW, "state": _code}),
    # ``recipient`` is a keyed digest of the code that cards use: the same for one recipient, and no word of anybody's.
    EventKind.RECIPIENT_CHANGED: (EventStage.WHOLE, {**_ACTOR, **_ROW, "recipient": _digest, "change": _code}),
    EventKind.RECIPIENT_TOLD: (EventStage.WHOLE, {**_ACTOR, **_ABOUT, **_ROW, "recipient": _digest, "purpose": _code}),
    EventKind.RECIPIENT_ACKNOWLEDGED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, **_ROW, "recipient": _digest, "purpose": _code, "evidence": _digest},
    ),
    EventKind.CELLS_SEALED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, **_ROW, "purposes": _codes, "items": _count, "sealed": _digest},
    ),
    EventKind.OBJECT_SEALED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, "purpose": _code, "item": _code, "bytes": _count, "sealed": _digest},
    ),
    # An object on its way between the hot store and the archive; ``state`` is what its row says now.
    EventKind.OBJECT_MOVING: (EventStage.INTENT, {**_ACTOR, **_ABOUT, **_ROW, "purpose": _code, "state": _code}),
    EventKind.OBJECT_MOVED: (EventStage.OUTCOME, {**_ACTOR, **_ABOUT, **_ROW, "purpose": _code, "state": _code}),
    EventKind.COLLECTION_MOVED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "source": _code, "purposes": _codes, "taken": _count, "aside": _count},
    ),
    # What a steward says that a place holds, and what the rules said that it does not; ``case``: SHA-256 of the case.
    EventKind.GRADE_CORRECTED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "change": _code, "reason": _code, "items": _codes, "removed": _codes, "case": _digest},
    ),
    # ``declared`` is the SHA-256 of what the register says of the source, without its secret.
    EventKind.SOURCE_CHANGED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "source": _code, "change": _code, "declared": _digest},
    ),
    EventKind.PLAN_CHANGED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "plan": _code, "source": _code, "state": _code, "level": _count, "declared": _digest},
    ),
    # A run of a plan, begun or ended; ``unplanned`` counts fields that no plan names and that were not stored.
    EventKind.PLAN_RAN: (
        EventStage.WHOLE,
        {
            **_ACTOR,
            **_ROW,
            "plan": _code,
            "state": _code,
            "outcome": _code,
            "taken": _count,
            "aside": _count,
            "repeated": _count,
            "unplanned": _count,
            "findings": _count,
        },
    ),
    # What a copy left in its source: ``due`` to go, or looked at and ``left`` or ``gone``.
    EventKind.PURGE_CHANGED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "plan": _code, "source": _code, "state": _code, "left": _count, "due": _count},
    ),
    # Columns of a lender's own table become tokens: ``intended``, ``replaced``, then ``confirmed`` or ``rolled-back``.
    EventKind.COLUMNS_REPLACED: (
        EventStage.WHOLE,
        {**_ACTOR, "plan": _code, "source": _code, "state": _code, "columns": _count, "rows": _count, "kept": _count},
    ),
    # A branch or partner was handed the keys of a plan: to seal to us, and to make tokens with.
    EventKind.EDGE_INVITED: (
        EventStage.WHOLE,
        {**_ACTOR, "plan": _code, "source": _code, "items": _count, "declared": _digest},
    ),
    EventKind.DISCLOSURE_MADE: (
        EventStage.WHOLE,
        {
            **_ACTOR,
            "purpose": _code,
            "version": _count,
            "items": _codes,
            "form": _code,
            "rules": _rules,
            "members": _digest,
            "count": _count,
            "grants": _count,
        },
    ),
    EventKind.DISCLOSURE_REFUSED: (EventStage.WHOLE, {**_ACTOR, "rules": _rules, "purpose": _code, "form": _code}),
    EventKind.LOOK_UP_MADE: (
        EventStage.WHOLE,
        {**_ACTOR, "purpose": _code, "version": _count, "item": _code, "members": _digest, "count": _count},
    ),
    EventKind.REQUEST_CHANGED: (EventStage.WHOLE, {**_ACTOR, "state": _code, "level": _count, **_ROW}),
    EventKind.GRANT_ISSUED: (EventStage.WHOLE, {**_ACTOR, "purpose": _code, "until": _count, **_ROW}),
    EventKind.GRANT_ENDED: (EventStage.WHOLE, {**_ACTOR, "purpose": _code, **_ROW}),
    EventKind.CELL_CORRECTED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, "purpose": _code, "items": _codes, "sealed": _digest},
    ),
    EventKind.SUBJECT_CHANGED: (EventStage.WHOLE, {**_ACTOR, **_ABOUT, **_ROW, "change": _code, "rules": _rules}),
    EventKind.ERASURE_INTENDED: (
        EventStage.INTENT,
        {**_ACTOR, **_ABOUT, **_ROW, "scope": _code, "cells": _count, "objects": _count, "rules": _rules},
    ),
    EventKind.ERASURE_REMOVED: (EventStage.WHOLE, {**_ACTOR, **_ABOUT, **_ROW, "cells": _count, "objects": _count}),
    EventKind.ERASURE_DONE: (
        EventStage.OUTCOME,
        {
            **_ACTOR,
            **_ABOUT,
            **_ROW,
            "outcome": _code,
            "erased": _count,
            "retained": _count,
            "rules": _rules,
            "epoch": _count,
            "plan": _digest,
        },
    ),
    EventKind.ERASURE_SEALED: (EventStage.WHOLE, {**_ACTOR, **_ABOUT, **_ROW, "epoch": _count, "plan": _digest}),
    # ``purposes`` empty: everything of the person is held; ``paper`` is SHA-256 of what was demanded in writing.
    EventKind.HOLD_CHANGED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, **_ROW, "change": _code, "authority": _code, "purposes": _codes, "paper": _digest},
    ),
    # How many parts stood where when somebody looked at what has no date.
    EventKind.RETENTION_REVIEWED: (
        EventStage.WHOLE,
        {**_ACTOR, "undated": _count, "kept": _count, "due": _count, "holds": _count},
    ),
    # A deletion on its way: ``scope`` is the digest of whom and what it is about, ``people`` how many.
    EventKind.ORDER_CHANGED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "change": _code, "state": _code, "ground": _code, "people": _count, "scope": _digest},
    ),
    EventKind.BATCH_CHANGED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "state": _code, "erased": _count, "retained": _count, "nothing": _count, "failed": _count},
    ),
    EventKind.DELETION_PAUSED: (EventStage.WHOLE, {**_ACTOR, **_ROW}),
    EventKind.DELETION_RESUMED: (EventStage.WHOLE, {**_ACTOR, **_ROW}),
    EventKind.SUPPRESSION_CHANGED: (EventStage.WHOLE, {**_ACTOR, **_ROW, "purpose": _code, "change": _code}),
    EventKind.DATABASE_CHANGED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "dataset": _code, "change": _code, "description": _digest},
    ),
    # What became of a person in one of the lender's own databases; counts are rows.
    EventKind.DATABASE_ERASED: (
        EventStage.WHOLE,
        {
            **_ACTOR,
            **_ABOUT,
            "dataset": _code,
            "description": _digest,
            "outcome": _code,
            "erased": _count,
            "retained": _count,
            "failed": _count,
            "rules": _rules,
        },
    ),
    # What software cannot shred. ``evidence`` is that of the last witness; zeros: nobody has witnessed it yet.
    EventKind.DESTRUCTION_CHANGED: (
        EventStage.WHOLE,
        {
            **_ACTOR,
            **_ROW,
            "medium": _code,
            "method": _code,
            "where": _code,
            "state": _code,
            "witnesses": _count,
            "evidence": _digest,
        },
    ),
    # ``report`` is SHA-256 of the report that was filed, ``findings`` the kinds of flaws in it, ``flaws`` their number.
    EventKind.AUDIT_DONE: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "report": _digest, "outcome": _code, "findings": _codes, "flaws": _count, "sample": _count},
    ),
    EventKind.DATABASE_AMENDED: (
        EventStage.WHOLE,
        {
            **_ACTOR,
            **_ABOUT,
            "dataset": _code,
            "description": _digest,
            "outcome": _code,
            "changed": _count,
            "failed": _count,
        },
    ),
    # A person is let in to see their own page, once and for a short time; whoever uses a pass has no account.
    EventKind.PASS_ISSUED: (EventStage.WHOLE, {**_ACTOR, **_ABOUT, **_ROW, "until": _count}),
    EventKind.PASS_USED: (EventStage.WHOLE, {**_ABOUT, **_ROW}),
    EventKind.EPOCH_INTENDED: (EventStage.INTENT, {**_ACTOR, "epoch": _count}),
    EventKind.EPOCH_ADVANCED: (
        EventStage.OUTCOME,
        {**_ACTOR, "epoch": _count, "subjects": _count, "destroyed": _digest, "readback": _count},
    ),
    EventKind.BACKUP_MADE: (EventStage.WHOLE, {**_ACTOR, "epoch": _count, "manifest": _digest}),
    # A restore ends a right whose later version is lost; ``subject`` is zeros where it is nobody's.
    EventKind.RIGHT_ENDED: (EventStage.WHOLE, {**_ACTOR, **_ABOUT, **_ROW, "kind": _code, "state": _code}),
    # What a person asked of their own data. ``sealed`` is over what they handed in, as it was received and sealed.
    EventKind.RIGHT_RECEIVED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, **_ROW, "right": _code, "channel": _code, "evidence": _count, "sealed": _digest},
    ),
    EventKind.RIGHT_CHANGED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, **_ROW, "change": _code, "state": _code, "rules": _rules},
    ),
    # ``late`` counts the clocks that had run out; ``rules`` are why something was refused or left.
    EventKind.RIGHT_ANSWERED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, **_ROW, "right": _code, "state": _code, "rules": _rules, "done": _count, "late": _count},
    ),
    EventKind.RESTORE_DONE: (EventStage.WHOLE, {**_ACTOR, "epoch": _count, "replayed": _count, "removed": _count}),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One leaf of the ledger, before it is written.

    ``event_id`` salts the commitments inside; ``operation`` ties an intent to its outcome and makes a repeated
    recording recognisable. ``facts`` hold exactly what ``VOCABULARY`` asks for.
    """

    kind: EventKind
    at: Instant
    event_id: EventId
    operation: OperationId
    facts: Mapping[str, Fact]


def check(event: Event) -> None:
    """Refuse an event that says more, less or other than the vocabulary allows.

    Raises:
        Invalid: names the kind, and the fact where one is at fault, never the value.
    """
    if len(event.event_id) != SIZE or len(event.operation) != SIZE or not _count(event.at):
        raise Invalid(f"event {event.kind} has an identifier of another length, or a time that counts no milliseconds")
    wanted = VOCABULARY[event.kind][1]
    if event.facts.keys() != wanted.keys():
        odd = sorted(event.facts.keys() ^ wanted.keys())
        raise Invalid(f"event {event.kind} has other facts than its vocabulary: {', '.join(odd)}")
    for name, fits in wanted.items():
        if not fits(event.facts[name]):
            raise Invalid(f"event {event.kind}: fact {name} is not of its type")
