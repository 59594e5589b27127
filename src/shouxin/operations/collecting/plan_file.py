"""The plan file: how a table's lines become intakes, as a lender writes it in TOML.

Laws of this file. A column named by an item's code is that item of the line's own person; every other column is looked
at only where the plan says what it is. A person counts as having agreed only where the plan names the column that says
so. What is wrong with a line is named by its column, never by its content.

Called by: whatever reads tables (the command line, the demo), with lines from a connector.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from typing import Final, cast

import msgspec

from shouxin.domain.clock import add_months
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid
from shouxin.operations.collecting.intake import Intake, Person, Plan
from shouxin.operations.consenting.choose import Choice
from shouxin.policy.collection_plan import FREQUENCIES, MODES, CollectionPlan
from shouxin.policy.declared_toml import from_toml, line_of
from shouxin.protection.shaped_tokens import is_shaped_token
from shouxin.vault.index import INDEXED, Tagger

__all__ = ["IntakeBuilder", "NamedContact", "PlanFile", "TokenColumn", "items_of", "read_plan"]

_YES: Final = frozenset({"1", "true", "yes", "y", "是", "同意"})
_NO: Final = frozenset({"", "0", "false", "no", "n", "否", "不同意"})
# A plan's code stands in events: with more than six digits it could be somebody's number.
_CODE: Final = re.compile(r"(?!(?:[^0-9]*[0-9]){7})[a-z0-9][a-z0-9_.-]{0,61}")
_LONGEST_MONTHS: Final = 1200
_TOKENS: Final = "holds-tokens"  # in place of a column: no one of them alone is wrong


class TokenColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column with several identifiers of the kind ``item``, of which only blind tokens are kept.

    Equal identifiers of different people meet; nobody can turn a token back.
    """

    column: str
    item: str
    separator: str = ";"


class NamedContact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody whom each line names: columns by item of their own, and of what joins the two.

    ``agreed`` and ``agreed_if_given`` are as in the plan, for its ``contact_purposes``. A line whose columns are all
    empty names nobody. ``told`` is a column that says whether they had their notices; without it they had. Of who had
    none, only a purpose that delivers the notice keeps something (PIPL 17(1)).
    """

    columns: dict[str, str]
    joining: dict[str, str] = {}
    agreed: dict[str, str] = {}
    agreed_if_given: dict[str, str] = {}
    told: str = ""


class PlanFile(CollectionPlan, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A plan as written. Everybody in the source was shown, in ``language``, the notices of all their purposes.

    What is declared stands in ``CollectionPlan``; here stands how lines become people. ``customers`` says by which
    values of which columns a line is a customer's (without it, every line with a beginning is). The relationship
    has begun on the date in the column ``began``, or, without that, on the day of collection; it is expected to end
    on the date in ``expected_end``, or as many months later as ``months`` says. ``tokens`` are kept in place of
    what their column holds.
    """

    language: str = "zh"
    customers: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it for each plan
    began: str = ""
    expected_end: str = ""
    months: str = ""
    tokens: dict[str, TokenColumn] = {}  # noqa: RUF012 - as above
    contacts: tuple[NamedContact, ...] = ()

    def plan(self) -> Plan:
        """Return what ``operations.collecting.collect`` needs of it."""
        return Plan(
            self.source, self.purposes, self.contact_purposes, self.edge_purpose, self.told, self.retention_days
        )

    def contacts_say(self) -> tuple[frozenset[str], ...]:
        """Return, for each contact, the purposes to which a column of theirs says yes or no."""
        return tuple(frozenset({*one.agreed, *one.agreed_if_given}) for one in self.contacts)

    def columns(self) -> frozenset[str]:
        """Return the names of all columns that the plan looks at, beside those named by an item's code."""
        own = (self.began, self.expected_end, self.months, *self.customers)
        agreed = (*self.agreed.values(), *self.agreed_if_given.values())
        theirs = (
            (one.columns.values(), one.joining.values(), one.agreed.values(), one.agreed_if_given.values())
            for one in self.contacts
        )
        own += tuple(one.told for one in self.contacts)
        tokens = (one.column for one in self.tokens.values())
        found = chain(own, agreed, tokens, self.fields, *chain.from_iterable(theirs))
        return frozenset(name for name in found if name)

    def taken(self) -> frozenset[str]:
        """Return the codes of the items that are looked at where a column bears their name: the planned ones, or all.

        What is planned is what ``items`` lists; a draft that lists none leaves the choice to the cards.
        """
        return frozenset(self.items) or frozenset(map(str, taxonomy().items))


def _mistakes(plan: PlanFile) -> Iterator[tuple[str, str]]:
    """Yield what contradicts itself or names what there is not, and the field in which it does."""
    if not plan.purposes or not plan.source or plan.language not in {"zh", "en"}:
        yield "a plan has a source, purposes, and a language zh or en", "source"
    said = {*plan.agreed, *plan.agreed_if_given}
    if not said <= set(plan.purposes) or len(said) < len(plan.agreed) + len(plan.agreed_if_given):
        yield "a choice is for one of the plan's purposes, and said by one column", "agreed"
    if plan.contacts and not plan.contact_purposes:
        yield "contacts need contact_purposes", "contacts"
    if any(one.joining for one in plan.contacts) and not plan.edge_purpose:
        yield "what joins two people needs an edge_purpose", "contacts"
    if any(not {*one.agreed, *one.agreed_if_given} <= set(plan.contact_purposes) for one in plan.contacts):
        yield "a contact's choice is for one of contact_purposes", "contacts"
    contacts = ((*one.columns, *one.joining) for one in plan.contacts)
    taken = chain(plan.items, plan.tokens, plan.fields.values(), *contacts)
    if unknown := next((code for code in taken if ItemCode(code) not in taxonomy().items), ""):
        yield f"a column is for an item of the taxonomy: {unknown:.60}", _field_of(plan, unknown)
    if any(ItemCode(one.item) not in INDEXED or not one.separator for one in plan.tokens.values()):
        yield "tokens are made of an indexed item, with a separator", "tokens"
    yield from _misdeclared(plan)
    yield from _misdated(plan)


def _misdated(plan: PlanFile) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the days of the relationship."""
    if plan.expected_end and plan.months:
        yield "the end is said by a date or by months, not by both", "expected_end"
    if (plan.expected_end or plan.months) and not (plan.began or plan.customers):
        yield (
            "an end needs a beginning: name the column 'began', or who is a customer under [customers]",
            "expected_end",
        )


def _misdeclared(plan: PlanFile) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the declaration itself."""
    if plan.items and not {*plan.fields.values(), *plan.tokens, *_theirs(plan)} <= set(plan.items):
        yield "every item that a field is taken as stands under items", "items"
    if plan.mode not in MODES or plan.frequency not in FREQUENCIES:
        yield f"a mode is one of {', '.join(MODES)}; a frequency one of {', '.join(FREQUENCIES)}", "mode"
    if plan.code and not _CODE.fullmatch(plan.code):
        yield "a plan is a code: at most 62 of a-z, 0-9 (no more than six), dot, hyphen and underscore", "code"
    for field in ("volume", "days", "retention_days", "purge_days"):
        if getattr(plan, field) < 0:
            yield "volume and days are not below 0", field


def _field_of(plan: PlanFile, code: str) -> str:
    """Return the field in which an item is named."""
    if code in plan.items:
        return "items"
    if code in plan.tokens:
        return f"tokens.{code}"
    return next((f"fields.{name}" for name, item in plan.fields.items() if item == code), "contacts")


def _theirs(plan: PlanFile) -> Iterator[str]:
    """Yield the items of contacts and of what joins them."""
    for one in plan.contacts:
        yield from (*one.columns, *one.joining)


def read_plan(text: str, file: str = "plan") -> PlanFile:
    """Read a plan file.

    Raises:
        Invalid: not TOML, an unknown or missing field, or one that contradicts another; ``place`` is file and line.
    """
    plan = from_toml(text, PlanFile, file)
    for mistake, field in _mistakes(plan):
        raise Invalid(mistake, f"{file}:{line_of(text, field)}")
    return plan


def items_of(values: Mapping[str, str], taken: Collection[str] | None = None) -> dict[ItemCode, Plaintext]:
    """Return the fields whose column is an item code (one of ``taken``) and that are not empty."""
    known: Collection[str] = taxonomy().items if taken is None else taken
    wrap = Plaintext.of
    return {cast(ItemCode, name): wrap(value) for name, value in values.items() if value and name in known}


def _chose(line: Mapping[str, str], column: str) -> bool:
    """Return what a column says; a word that is neither yes nor no sets the line aside."""
    said = line.get(column, "").strip().lower()
    if said not in _YES | _NO:
        raise Invalid("neither yes nor no", column)
    return said in _YES


def _day(line: Mapping[str, str], column: str) -> date | None:
    """Return the date in a column, or nothing when it is empty or there is no such column."""
    said = line.get(column, "").strip() if column else ""
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise Invalid("no date as 2026-01-31", column) from None


def _months(line: Mapping[str, str], column: str) -> int | None:
    said = line.get(column, "").strip() if column else ""
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= 4 and int(said) <= _LONGEST_MONTHS):
        raise Invalid("no number of months", column)
    return int(said)


def _values(line: Mapping[str, str], columns: Mapping[str, str]) -> dict[ItemCode, Plaintext]:
    return {ItemCode(item): Plaintext.of(line[name]) for item, name in columns.items() if line.get(name)}


def _holds_token(values: Mapping[ItemCode, Plaintext]) -> bool:
    return any(item in INDEXED and is_shaped_token(item, value.text()) for item, value in values.items())


class IntakeBuilder:
    """Makes an intake of a line's number and fields; a line that does not fit raises ``Invalid`` with its column.

    ``unused`` collects the columns that nothing takes, ``seen`` the items that came. With ``tokens`` a line does not
    fit that holds tokens of columns that were replaced: they are nobody's, and whom they stand for is sealed already.
    """

    def __init__(self, plan: PlanFile, tagger: Tagger, today: date, *, tokens: bool = False) -> None:
        self._plan = plan
        self._tagger = tagger
        self._today = today
        self._tokens_stand = tokens
        self._taken = plan.taken()
        self._used = plan.columns() | self._taken
        self.unused: set[str] = set()
        self.seen: set[str] = set()

    @property
    def wanted(self) -> frozenset[str]:
        """Return the names of all fields that the plan looks at."""
        return self._used

    def __call__(self, number: int, line: Mapping[str, str]) -> Intake:
        """Return the intake of ``line``, which stood at ``number``."""
        plan = self._plan
        self.unused.update(line.keys() - self._used)
        held = items_of(line, self._taken) | self._renamed(line) | self._tokens(line)
        person = Person(held, self._choices(line, (*plan.purposes, *plan.told), plan.agreed, plan.agreed_if_given))
        contacts = tuple(
            (
                Person(theirs, self._contacts_choices(line, one)),
                _values(line, one.joining),
            )
            for one in plan.contacts
            if (theirs := _values(line, one.columns))
        )
        if self._tokens_stand and any(map(_holds_token, (held, *(theirs.values for theirs, _ in contacts)))):
            raise Invalid("a token stands in place of an identifier", _TOKENS)
        self.seen.update(held)
        for named, joining in contacts:
            self.seen.update(named.values, joining)
        began, end = self._relationship(line)
        return Intake(number, person, contacts, began, end)

    def _contacts_choices(self, line: Mapping[str, str], one: NamedContact) -> tuple[Choice, ...]:
        if one.told and not _chose(line, one.told):
            return ()
        return self._choices(line, self._plan.contact_purposes, one.agreed, one.agreed_if_given)

    def _renamed(self, line: Mapping[str, str]) -> dict[ItemCode, Plaintext]:
        """Return the items whose fields the source calls otherwise."""
        fields = self._plan.fields.items()
        return {ItemCode(item): Plaintext.of(line[name]) for name, item in fields if line.get(name)}

    def _choices(
        self, line: Mapping[str, str], purposes: Iterable[str], agreed: Mapping[str, str], given: Mapping[str, str]
    ) -> tuple[Choice, ...]:
        def agrees(purpose: str) -> bool:
            if purpose in given:
                return bool(line.get(given[purpose], "").strip())
            return purpose in agreed and _chose(line, agreed[purpose])

        said = {*agreed, *given}
        return tuple(
            Choice(purpose, self._plan.language, agreed=agrees(purpose), silent=purpose not in said)
            for purpose in purposes
        )

    def _tokens(self, line: Mapping[str, str]) -> dict[ItemCode, Plaintext]:
        """Return the tokens of every list of identifiers, made with the institution's index key."""
        found: dict[ItemCode, Plaintext] = {}
        for code, one in self._plan.tokens.items():
            listed = [part for part in line.get(one.column, "").split(one.separator) if part.strip()]
            if listed:
                tokens = sorted({self._tagger.inner(ItemCode(one.item), part).hex() for part in listed})
                found[ItemCode(code)] = Plaintext.of(" ".join(tokens))
        return found

    def _relationship(self, line: Mapping[str, str]) -> tuple[date | None, date | None]:
        """Return when the business relationship began and is expected to end; nothing for who is no customer."""
        plan = self._plan
        if any(line.get(column, "").strip() != value for column, value in plan.customers.items()):
            return None, None
        began = _day(line, plan.began)
        if began is None and plan.customers and not plan.began:
            began = self._today
        months = _months(line, plan.months)
        if began is not None and months is not None:
            return began, add_months(began, months)
        return began, _day(line, plan.expected_end)
