"""The whole language of the log: which facts each kind of event states, and of which type each fact is (law 3).

A fact is a code from a fixed alphabet, a count, a time, a digest or commitment, or a list of codes. What is not here
cannot be said; ``event.check`` holds every event against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from shouxin.domain.event_kind import Channel, EventKind, EventStage, Initiative

__all__ = ["VOCABULARY", "count", "instant"]

_YEAR_10000: Final = 253_402_300_800_000  # in milliseconds since 1970: what comes before can be written as RFC 3339

# People choose some codes (sources, purposes). With more than six digits one could be somebody's number.
_CODE: Final = re.compile(r"(?!(?:[^0-9]*[0-9]){7})[a-z0-9][a-z0-9_.:+-]{0,79}")
_RULE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@lru_cache(maxsize=1024)
def _is_code(value: str) -> bool:
    """Remembered, because events repeat their codes (roles, purposes, languages)."""
    return _CODE.fullmatch(value) is not None


def _code(value: object) -> bool:
    return isinstance(value, str) and _is_code(value)


def _codes(value: object) -> bool:
    return type(value) is list and all(map(_code, value))


def _rules(value: object) -> bool:
    return type(value) is list and all(isinstance(rule, str) and _RULE.fullmatch(rule) for rule in value)


_CHANNELS: Final = frozenset(one.value for one in Channel)
_INITIATIVES: Final = frozenset(one.value for one in Initiative)


def _channel(value: object) -> bool:
    return isinstance(value, str) and value in _CHANNELS


def _initiative(value: object) -> bool:
    return isinstance(value, str) and value in _INITIATIVES


def count(value: object) -> bool:
    """Say whether ``value`` is a count: a whole number from 0 to 2^53, which JSON keeps exactly."""
    return type(value) is int and 0 <= value < 1 << 53


def instant(value: object) -> bool:
    """Say whether ``value`` is a time: milliseconds since 1970, before the year 10000."""
    return type(value) is int and 0 <= value < _YEAR_10000


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
    "version": count,
    "notice": _digest,
    "language": _code,
}

VOCABULARY: Final[dict[EventKind, tuple[EventStage, dict[str, Callable[[object], bool]]]]] = {
    # ``pack`` is the digest of the law pack that is in force from the beginning.
    EventKind.INSTITUTION_OPENED: (EventStage.WHOLE, {"suite": _code, "schema": count, "pack": _digest, **_ROW}),
    EventKind.WORKSPACE_UPGRADED: (EventStage.WHOLE, {**_ACTOR, "was_schema": count, "schema": count}),
    EventKind.ACCOUNT_CHANGED: (EventStage.WHOLE, {**_ACTOR, **_ROW, "change": _code}),
    EventKind.SIGN_IN_OPENED: (EventStage.WHOLE, {**_ACTOR, **_ROW, "until": instant}),
    EventKind.SIGN_IN_ENDED: (EventStage.WHOLE, {**_ACTOR, **_ROW}),
    EventKind.SECOND_FACTOR_CHANGED: (EventStage.WHOLE, {**_ACTOR, **_ROW, "change": _code}),
    EventKind.LAW_ADOPTED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "region": _code, "release": _code, "pack": _digest, "replaced": _digest},
    ),
    # What the institution says of itself changed: digests of what it says now and said before. Beside ``law.adopted``.
    EventKind.FACTS_SAID: (EventStage.WHOLE, {**_ACTOR, "said": _digest, "replaced": _digest}),
    EventKind.CARD_ADOPTED: (
        EventStage.WHOLE,
        {**_ACTOR, "purpose": _code, "version": count, "card": _digest, "pack": _digest, "wording": count, **_ROW},
    ),
    # The text of a notice, once for each card version, language, kind and question; ``notice`` is its SHA-256.
    EventKind.NOTICE_WRITTEN: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "purpose": _code, "version": count, "notice": _digest, "language": _code, "kind": _code},
    ),
    EventKind.NOTICE_SERVED: (
        EventStage.WHOLE,
        {**_ASKED, "kind": _code, "about": _code, "channel": _channel, "initiative": _initiative},
    ),
    EventKind.CONSENT_GIVEN: (EventStage.WHOLE, {**_ASKED, "separate": count}),
    EventKind.CONSENT_REFUSED: (EventStage.WHOLE, _ASKED),
    EventKind.CONSENT_WITHDRAWN: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, "purpose": _code, "version": count, **_ROW},
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
        {**_ACTOR, **_ABOUT, **_ROW, "purposes": _codes, "items": count, "sealed": _digest},
    ),
    EventKind.OBJECT_SEALED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, "purpose": _code, "item": _code, "bytes": count, "sealed": _digest},
    ),
    # An object on its way between the hot store and the archive; ``state`` is what its row says now.
    EventKind.OBJECT_MOVING: (EventStage.INTENT, {**_ACTOR, **_ABOUT, **_ROW, "purpose": _code, "state": _code}),
    EventKind.OBJECT_MOVED: (EventStage.OUTCOME, {**_ACTOR, **_ABOUT, **_ROW, "purpose": _code, "state": _code}),
    EventKind.COLLECTION_MOVED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "source": _code, "purposes": _codes, "taken": count, "aside": count},
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
        {**_ACTOR, **_ROW, "plan": _code, "source": _code, "state": _code, "level": count, "declared": _digest},
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
            "taken": count,
            "aside": count,
            "repeated": count,
            "unplanned": count,
            "findings": count,
        },
    ),
    # What a copy left in its source: ``due`` to go, looked at and ``left`` or ``gone``, or ``attested`` by a partner.
    EventKind.PURGE_CHANGED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "plan": _code, "source": _code, "state": _code, "left": count, "due": count},
    ),
    # Columns of a lender's own table become tokens: ``intended``, ``replaced``, then ``confirmed`` or ``rolled-back``.
    EventKind.COLUMNS_REPLACED: (
        EventStage.WHOLE,
        {
            **_ACTOR,
            "plan": _code,
            "source": _code,
            "state": _code,
            "columns": count,
            "rows": count,
            "kept": count,
        },
    ),
    # A branch or partner was handed the keys of a plan: to seal to us, and to make tokens with.
    EventKind.EDGE_INVITED: (
        EventStage.WHOLE,
        {**_ACTOR, "plan": _code, "source": _code, "items": count, "declared": _digest},
    ),
    EventKind.DISCLOSURE_MADE: (
        EventStage.WHOLE,
        {
            **_ACTOR,
            "purpose": _code,
            "version": count,
            "items": _codes,
            "form": _code,
            "rules": _rules,
            "members": _digest,
            "count": count,
            "grants": count,
        },
    ),
    EventKind.DISCLOSURE_REFUSED: (EventStage.WHOLE, {**_ACTOR, "rules": _rules, "purpose": _code, "form": _code}),
    EventKind.LOOK_UP_MADE: (
        EventStage.WHOLE,
        {**_ACTOR, "purpose": _code, "version": count, "item": _code, "members": _digest, "count": count},
    ),
    EventKind.REQUEST_CHANGED: (EventStage.WHOLE, {**_ACTOR, "state": _code, "level": count, **_ROW}),
    EventKind.GRANT_ISSUED: (EventStage.WHOLE, {**_ACTOR, "purpose": _code, "until": instant, **_ROW}),
    EventKind.GRANT_ENDED: (EventStage.WHOLE, {**_ACTOR, "purpose": _code, **_ROW}),
    EventKind.CELL_CORRECTED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, "purpose": _code, "items": _codes, "sealed": _digest},
    ),
    # A restore sealed a cell anew without the values that had been corrected since the backup.
    EventKind.CELL_RESTORED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, "purpose": _code, "items": _codes, "sealed": _digest},
    ),
    EventKind.SUBJECT_CHANGED: (EventStage.WHOLE, {**_ACTOR, **_ABOUT, **_ROW, "change": _code, "rules": _rules}),
    EventKind.ERASURE_INTENDED: (
        EventStage.INTENT,
        {**_ACTOR, **_ABOUT, **_ROW, "scope": _code, "cells": count, "objects": count, "rules": _rules},
    ),
    EventKind.ERASURE_REMOVED: (EventStage.WHOLE, {**_ACTOR, **_ABOUT, **_ROW, "cells": count, "objects": count}),
    EventKind.ERASURE_DONE: (
        EventStage.OUTCOME,
        {
            **_ACTOR,
            **_ABOUT,
            **_ROW,
            "outcome": _code,
            "erased": count,
            "retained": count,
            "rules": _rules,
            "epoch": count,
            "plan": _digest,
        },
    ),
    EventKind.ERASURE_SEALED: (EventStage.WHOLE, {**_ACTOR, **_ABOUT, **_ROW, "epoch": count, "plan": _digest}),
    # ``purposes`` empty: everything of the person is held; ``paper`` is SHA-256 of what was demanded in writing.
    EventKind.HOLD_CHANGED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, **_ROW, "change": _code, "authority": _code, "purposes": _codes, "paper": _digest},
    ),
    # How many parts stood where when somebody looked at what has no date.
    EventKind.RETENTION_REVIEWED: (
        EventStage.WHOLE,
        {**_ACTOR, "undated": count, "kept": count, "due": count, "holds": count},
    ),
    # A deletion on its way: ``scope`` is the digest of whom and what it is about, ``people`` how many.
    EventKind.ORDER_CHANGED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ROW, "change": _code, "state": _code, "ground": _code, "people": count, "scope": _digest},
    ),
    EventKind.BATCH_CHANGED: (
        EventStage.WHOLE,
        {
            **_ACTOR,
            **_ROW,
            "state": _code,
            "erased": count,
            "retained": count,
            "nothing": count,
            "failed": count,
        },
    ),
    EventKind.DELETION_PAUSED: (EventStage.WHOLE, {**_ACTOR, **_ROW}),
    EventKind.DELETION_RESUMED: (EventStage.WHOLE, {**_ACTOR, **_ROW}),
    EventKind.SUPPRESSION_CHANGED: (EventStage.WHOLE, {**_ACTOR, **_ROW, "purpose": _code, "change": _code}),
    # What was kept to account for deletions is over: peppers of people, tags that kept them out, evidence of orders.
    EventKind.ACCOUNTABILITY_ENDED: (EventStage.WHOLE, {**_ACTOR, "people": count, "tags": count, "orders": count}),
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
            "erased": count,
            "retained": count,
            "failed": count,
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
            "witnesses": count,
            "evidence": _digest,
        },
    ),
    # ``report`` is SHA-256 of the report that was filed, ``findings`` the kinds of flaws in it, ``flaws`` their number.
    EventKind.AUDIT_DONE: (
        EventStage.WHOLE,
        {
            **_ACTOR,
            **_ROW,
            "report": _digest,
            "outcome": _code,
            "findings": _codes,
            "flaws": count,
            "sample": count,
        },
    ),
    EventKind.DATABASE_AMENDED: (
        EventStage.WHOLE,
        {
            **_ACTOR,
            **_ABOUT,
            "dataset": _code,
            "description": _digest,
            "outcome": _code,
            "changed": count,
            "failed": count,
        },
    ),
    # A person is let in to see their own page, once and for a short time; whoever uses a pass has no account.
    EventKind.PASS_ISSUED: (EventStage.WHOLE, {**_ACTOR, **_ABOUT, **_ROW, "until": instant}),
    EventKind.PASS_USED: (EventStage.WHOLE, {**_ABOUT, **_ROW}),
    EventKind.EPOCH_INTENDED: (EventStage.INTENT, {**_ACTOR, "epoch": count}),
    EventKind.EPOCH_ADVANCED: (
        EventStage.OUTCOME,
        {**_ACTOR, "epoch": count, "subjects": count, "destroyed": _digest, "readback": count},
    ),
    EventKind.BACKUP_MADE: (EventStage.WHOLE, {**_ACTOR, "epoch": count, "manifest": _digest}),
    # A restore ends a right whose later version is lost; ``subject`` is zeros where it is nobody's.
    EventKind.RIGHT_ENDED: (EventStage.WHOLE, {**_ACTOR, **_ABOUT, **_ROW, "kind": _code, "state": _code}),
    # What a person asked of their own data. ``sealed`` is over what they handed in, as it was received and sealed.
    EventKind.RIGHT_RECEIVED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, **_ROW, "right": _code, "channel": _code, "evidence": count, "sealed": _digest},
    ),
    EventKind.RIGHT_CHANGED: (
        EventStage.WHOLE,
        {**_ACTOR, **_ABOUT, **_ROW, "change": _code, "state": _code, "rules": _rules},
    ),
    # ``late`` counts the clocks that had run out; ``rules`` are why something was refused or left.
    EventKind.RIGHT_ANSWERED: (
        EventStage.WHOLE,
        {
            **_ACTOR,
            **_ABOUT,
            **_ROW,
            "right": _code,
            "state": _code,
            "rules": _rules,
            "done": count,
            "late": count,
        },
    ),
    EventKind.RESTORE_DONE: (
        EventStage.WHOLE,
        {**_ACTOR, "epoch": count, "replayed": count, "removed": count},
    ),
}
