"""What can happen, and how: the kinds of events, and the closed words that some of their facts are."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["CHANGES_NOTHING", "Channel", "EventKind", "EventStage", "Initiative"]


class EventKind(StrEnum):
    """Everything that can happen: ``concept.happening``."""

    INSTITUTION_OPENED = "institution.opened"
    WORKSPACE_UPGRADED = "workspace.upgraded"
    ACCOUNT_CHANGED = "account.changed"
    SIGN_IN_OPENED = "sign-in.opened"
    SIGN_IN_ENDED = "sign-in.ended"
    SECOND_FACTOR_CHANGED = "second-factor.changed"
    LAW_ADOPTED = "law.adopted"
    FACTS_SAID = "facts.said"
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
    CELL_RESTORED = "cell.restored"
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
    ACCOUNTABILITY_ENDED = "accountability.ended"
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


# What is recorded alone and changes no row but the list of who was opened: what was decided before still stands.
CHANGES_NOTHING: Final = frozenset({EventKind.DISCLOSURE_MADE, EventKind.DISCLOSURE_REFUSED})


class EventStage(StrEnum):
    """How an event stands to its operation: an intent must be followed by one outcome of the same operation."""

    INTENT = "intent"
    OUTCOME = "outcome"
    WHOLE = "whole"


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
