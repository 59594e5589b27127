"""Items: the kinds of personal information, graded by standard and date.

Laws of this file. A code that the taxonomy does not know is ``Invalid``, so nothing enters ungraded. A grade is a
verdict: the highest level, class and sensitivity among the items wins, and a combination may raise it further, never
lower it. Sensitivity is the verdict of a standard on a date; the ID number, for one, changed on 2025-11-01.

Called by: purpose cards, policy, detection, protection (masks), retention (classes of record).
**Source:** ``items.toml`` names the standards and how far they were verified.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, NewType

from shouxin.errors import Invalid

__all__ = [
    "KLASSES",
    "MASKS",
    "Combination",
    "Grade",
    "Item",
    "ItemCode",
    "Sensitivity",
    "Taxonomy",
    "grade",
    "item",
    "read",
    "taxonomy",
]

ItemCode = NewType("ItemCode", str)

KLASSES: Final = ("C1", "C2", "C3")
_LEVELS: Final = range(1, 6)
MASKS: Final = frozenset(
    {"address", "amount", "card", "date", "email", "id_number", "mobile", "name", "none", "text"},
)
_FILE: Final = "items.toml"


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What one standard says about an item from ``since`` to ``until`` (both included)."""

    value: bool
    source: str
    since: date
    verified: str
    until: date | None = None

    def holds_on(self, on: date) -> bool:
        """True if this verdict is in force on ``on``."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Item:
    """A kind of personal information.

    ``level`` is 1-5 (JR/T 0197), ``klass`` C1-C3 (JR/T 0171), ``default_mask`` a name in ``MASKS``, ``record_class``
    the class that retention rules speak of (empty: none), ``dpv`` a term of DPV-PD, ``fides`` a fideslang category.
    """

    code: ItemCode
    title_zh: str
    title_en: str
    level: int
    klass: str
    default_mask: str
    dpv: str
    fides: str
    record_class: str = ""
    verdicts: tuple[Sensitivity, ...] = ()

    @property
    def kind(self) -> str:
        """The part of the code before the dot: ``identity``."""
        return self.code.partition(".")[0]

    def verdict(self, on: date | None = None) -> Sensitivity | None:
        """Return the verdict in force on ``on``, or without a date the newest; ``None`` if no standard names it."""
        known = [one for one in self.verdicts if on is None or one.holds_on(on)]
        return max(known, key=lambda one: one.since, default=None)

    def sensitive(self, on: date | None = None) -> bool:
        """True if a standard in force on ``on`` (without a date: the newest) calls the item sensitive."""
        verdict = self.verdict(on)
        return verdict is not None and verdict.value


@dataclass(frozen=True, slots=True)
class Combination:
    """Items that together are graded higher than each alone. ``verified`` may be ``policy``: this product's choice."""

    id: str
    codes: frozenset[ItemCode]
    level: int
    klass: str
    sensitive: bool
    why: str
    source: str
    verified: str


@dataclass(frozen=True, slots=True)
class Grade:
    """The verdict on a set of items; ``raised_by`` are the ids of the combinations that are complete in it, sorted."""

    level: int
    klass: str
    sensitive: bool
    raised_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All items by code, in the order of the file, and the combinations."""

    items: Mapping[ItemCode, Item]
    combinations: tuple[Combination, ...]

    def item(self, code: str) -> Item:
        """Return the item of this code.

        Raises:
            Invalid: the taxonomy has no such item; the message does not repeat the code.
        """
        found = self.items.get(ItemCode(code))
        if found is None:
            raise Invalid("unknown item code", "item")
        return found

    def grade(self, codes: Iterable[str], on: date | None = None) -> Grade:
        """Grade items held together: the highest wins, then complete combinations raise.

        Raises:
            Invalid: an unknown code, or no code at all.
        """
        items = [self.item(code) for code in codes]
        if not items:
            raise Invalid("a grade needs at least one item", "item")
        held = frozenset(one.code for one in items)
        complete = [one for one in self.combinations if one.codes <= held]
        return Grade(
            level=max([*(one.level for one in items), *(one.level for one in complete)]),
            klass=max([*(one.klass for one in items), *(one.klass for one in complete)]),
            sensitive=any(one.sensitive(on) for one in items) or any(one.sensitive for one in complete),
            raised_by=tuple(sorted(one.id for one in complete)),
        )


def read(text: str) -> Taxonomy:
    """Build the taxonomy from TOML.

    Raises:
        Invalid: an item that is at fault, by its place in the file (``items.toml:item 3``).
    """
    try:
        data = tomllib.loads(text)
        items: dict[ItemCode, Item] = {}
        for number, row in enumerate(data.get("item", ()), start=1):
            one = _item(row, f"{_FILE}:item {number}")
            if one.code in items:
                raise Invalid("this code stands twice", f"{_FILE}:item {number}")
            items[one.code] = one
        combinations = tuple(_combination(row, items) for row in data.get("combination", ()))
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as fault:
        raise Invalid("a field is missing, unknown or of another type", _FILE) from fault
    return Taxonomy(MappingProxyType(items), combinations)


def _item(row: Mapping[str, Any], place: str) -> Item:
    names = {"mask": "default_mask", "record": "record_class", "sensitive": "verdicts"}
    values = {names.get(key, key): value for key, value in row.items()}
    values["verdicts"] = tuple(Sensitivity(**one) for one in row.get("sensitive", ()))
    one = Item(**values)
    if one.level not in _LEVELS or one.klass not in KLASSES or one.default_mask not in MASKS or "." not in one.code:
        raise Invalid("code, level, class or mask is out of range", place)
    if one.default_mask == "none" and (one.klass == KLASSES[-1] or one.sensitive()):
        raise Invalid("a sensitive item or one of the highest class has a mask", place)
    return one


def _combination(row: Mapping[str, Any], items: Mapping[ItemCode, Item]) -> Combination:
    codes = frozenset(ItemCode(code) for code in row["codes"])
    one = Combination(**{**row, "codes": codes})
    if not codes <= set(items) or one.level not in _LEVELS or one.klass not in KLASSES:
        raise Invalid("a combination names an unknown item, level or class", _FILE)
    return one


@cache
def taxonomy() -> Taxonomy:
    """Return the taxonomy that ships with the package; read once per process."""
    return read((files("shouxin.domain") / _FILE).read_text(encoding="utf-8"))


def item(code: str) -> Item:
    """Return the item of this code; raises ``Invalid`` if the taxonomy has none."""
    return taxonomy().item(code)


def grade(codes: Iterable[str], on: date | None = None) -> Grade:
    """Grade items held together on ``on`` (without a date: by the newest standards)."""
    return taxonomy().grade(codes, on)
