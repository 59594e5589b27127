"""What a plan to collect declares: source, mode, purpose, items, volume, and who answers for it.

Values only; ``policy.plan_check`` holds them against cards, source and law, ``policy.plan_transitions`` says what may
become of them. How the lines of a source become people is said by the same file (``operations.collecting.plan_file``).
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

__all__ = ["FREQUENCIES", "MODES", "CollectionPlan", "Milestone", "PlanDesign"]

MODES: Final = ("observe", "copy", "replace")
# Hours that lie between two runs at least, somewhat less than the word says so that a clock may drift; -1: one run.
FREQUENCIES: Final = {"any": 0.0, "once": -1.0, "hourly": 0.9, "daily": 22.0, "weekly": 160.0, "monthly": 660.0}


class Milestone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of the way, and the day by which it is to be reached."""

    title: str
    due: date


class PlanDesign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it is to be done: the technical route in a sentence, and its milestones."""

    route: str
    milestones: tuple[Milestone, ...] = ()


class CollectionPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The declaration. A plan without a ``code`` is a draft that cannot be proposed.

    ``need`` says why; without a ``design`` the plan stays at that. ``items`` are all that it takes, ``fields`` the
    source's fields that are called otherwise. ``volume`` is the most records a run, ``days`` how long the plan runs
    from its approval, ``retention_days`` how long what it takes is kept at most (counted as the card's term counts;
    the lower of the two binds), ``purge_days`` (mode ``copy``) how long the plaintext may stay in the source.
    ``responsible`` is the name of an account. ``public`` says that the source is public pages (PIPL 27).

    ``told`` are further purposes of which people were told, that keep nothing of their own but use what these keep.
    ``agreed`` names, for a purpose that rests on consent, the field that says yes or no; ``agreed_if_given`` one that
    the source fills only for who agreed.
    """

    source: str
    purposes: tuple[str, ...]
    code: str = ""
    mode: str = "copy"
    need: str = ""
    design: PlanDesign | None = None
    items: tuple[str, ...] = ()
    fields: dict[str, str] = {}
    frequency: str = "any"
    volume: int = 0
    days: int = 0
    retention_days: int = 0
    purge_days: int = 0
    responsible: str = ""
    public: bool = False
    told: tuple[str, ...] = ()
    contact_purposes: tuple[str, ...] = ()
    edge_purpose: str = ""
    agreed: dict[str, str] = {}
    agreed_if_given: dict[str, str] = {}

    def contacts_say(self) -> tuple[frozenset[str], ...]:
        """Return, for each person whom a line names, the purposes to which one of their own columns says yes or no."""
        return ()
