"""The package that a person receives: everything kept about them, by item and purpose, as a value (PIPL 44, 45).

It says what is kept, for what, since when and until when by which article, who received it, who used it and when, what
the person agreed to, and what was left out and why. What concerns others is given as far as the person stated it
themselves, and nothing that was learned elsewhere. It holds plaintext of one person: it goes from the door into a
sealed file (``rights.sealed_page``) and nowhere else.

``document`` is the machine-readable form; its shape has a version of its own, and only ever gains fields within one.

Called by: ``operations.rights.access_package``. **Source:** PIPL 44, 45(1)(3), 48; 网络数据安全管理条例 25.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from shouxin.domain.clock import Instant, write
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.domain.plaintext import Plaintext

__all__ = [
    "SCHEMA",
    "AccessPackage",
    "Agreed",
    "KeptValue",
    "LeftOut",
    "Named",
    "PurposeOf",
    "StatedOfOther",
    "Used",
    "document",
    "text_of",
    "title_of",
]

SCHEMA: Final = "shouxin.access/1"


@dataclass(frozen=True, slots=True)
class Named:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class PurposeOf:
    """A purpose for which something is kept: title, explanation, basis with its article, who receives from it."""

    code: str
    title: Named
    explanation: Named
    basis: str
    article: str
    recipients: tuple[str, ...]
    locations: tuple[str, ...]
    automated: Named | None = None


@dataclass(frozen=True, slots=True)
class KeptValue:
    """One value, or one object by its size: for which purpose, since when, and until when by which rule.

    ``floor`` is the article of a term that keeps it at least until ``floor_until``; ``due`` the day from which it must
    be gone; nothing while a clock has not begun.
    """

    item: ItemCode
    purpose: str
    term: str
    since: Instant
    value: Plaintext | None
    disputed: bool = False
    size: int | None = None
    floor: str = ""
    floor_until: date | None = None
    due: date | None = None


@dataclass(frozen=True, slots=True)
class StatedOfOther:
    """What the person said about somebody else, as they said it; the other is not named here, only counted."""

    number: int
    kept: KeptValue


@dataclass(frozen=True, slots=True)
class Agreed:
    """One question as it stands: purpose and version, when shown, what was said and when, the digest of the notice."""

    purpose: str
    version: int
    about: str
    notice: str
    shown: Instant
    given: Instant | None
    refused: Instant | None
    withdrawn: Instant | None


@dataclass(frozen=True, slots=True)
class Used:
    """One entry of the log about this person: when, what for, in which form, by which role; and its proof."""

    leaf: int
    at: Instant
    event: str
    purpose: str
    form: str
    items: tuple[str, ...]
    role: str
    proof: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is kept and not in the package, by item and purpose, with a code for why and its article."""

    item: str
    purpose: str
    why: str
    article: str


@dataclass(frozen=True, slots=True)
class AccessPackage:
    """The whole package; ``subject`` and ``right`` are identifiers as they are shown to people.

    ``titles`` are what the adopted cards call their purposes, by code; those of past uses are among them.
    """

    lender: str
    contact: str
    complaint: str
    subject: str
    right: str
    made: Instant
    leaf: int
    state: str
    purposes: tuple[PurposeOf, ...]
    kept: tuple[KeptValue, ...]
    statements: tuple[StatedOfOther, ...]
    agreed: tuple[Agreed, ...]
    used: tuple[Used, ...]
    left_out: tuple[LeftOut, ...]
    human_only: tuple[str, ...] = ()
    titles: Mapping[str, Named] = field(default_factory=dict)


def text_of(value: Plaintext) -> str:
    """Return a value as people read it; bytes that are no text in base64."""
    try:
        return value.text()
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(value.reveal()).decode()


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _time(at: Instant | None) -> str | None:
    return None if at is None else write(at)


def title_of(item: str) -> Named:
    """Return an item's names; its code where the taxonomy has none."""
    known = taxonomy().items.get(ItemCode(item))
    return Named(item, item) if known is None else Named(known.title_zh, known.title_en)


def _kept(one: KeptValue) -> dict[str, Any]:
    title = title_of(one.item)
    told: dict[str, Any] = {
        "item": one.item,
        "title_zh": title.zh,
        "title_en": title.en,
        "purpose": one.purpose,
        "term": one.term,
        "since": write(one.since),
        "disputed": one.disputed,
        "kept_by": one.floor,
        "kept_until": _day(one.floor_until),
        "due": _day(one.due),
    }
    if one.value is not None:
        told["value"] = text_of(one.value)
    if one.size is not None:
        told["bytes"] = one.size
    return told


def _listed(texts: Sequence[object]) -> list[object]:
    return list(texts)


def document(package: AccessPackage) -> dict[str, Any]:
    """Return the machine-readable form: JSON types only, times in UTC, days as local dates."""
    return {
        "format": SCHEMA,
        "lender": {"name": package.lender, "contact": package.contact, "complaint": package.complaint},
        "subject": package.subject,
        "request": package.right,
        "made": write(package.made),
        "leaf": package.leaf,
        "state": package.state,
        "purposes": [
            {
                "purpose": one.code,
                "title_zh": one.title.zh,
                "title_en": one.title.en,
                "explanation_zh": one.explanation.zh,
                "explanation_en": one.explanation.en,
                "lawful_basis": one.basis,
                "article": one.article,
                "recipients": _listed(one.recipients),
                "locations": _listed(one.locations),
                "automated": None if one.automated is None else {"zh": one.automated.zh, "en": one.automated.en},
            }
            for one in package.purposes
        ],
        "kept": [_kept(one) for one in package.kept],
        "statements": [{"about_person": one.number, **_kept(one.kept)} for one in package.statements],
        "agreements": [
            {
                "purpose": one.purpose,
                "version": one.version,
                "question": one.about,
                "notice": one.notice,
                "shown": write(one.shown),
                "given": _time(one.given),
                "refused": _time(one.refused),
                "withdrawn": _time(one.withdrawn),
            }
            for one in package.agreed
        ],
        "used": [
            {
                "leaf": one.leaf,
                "at": write(one.at),
                "event": one.event,
                "purpose": one.purpose,
                "form": one.form,
                "items": _listed(one.items),
                "role": one.role,
                "proof": dict(one.proof),
            }
            for one in package.used
        ],
        "left_out": [
            {"item": one.item, "purpose": one.purpose, "why": one.why, "article": one.article}
            for one in package.left_out
        ],
        "decided_by_people_only": _listed(package.human_only),
    }
