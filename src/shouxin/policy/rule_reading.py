"""From TOML to rules: strict, and every fault has its file and line.

Laws of this file. Nothing is guessed: an unknown field, unit, boundary, verb, fact or instrument, an id that was used
before, a date that is not a date are all ``Invalid``. A rule that would decide without having been read in a held
text, or without quoting it, is ``Invalid`` too: the pack cannot be loaded with such a rule in it.

Lines come from a scan for ``[[rule]]`` headers and ``key =`` beside ``tomllib``, which keeps no positions; therefore
values stand on one line each (no multi-line strings).

Called by: ``lawpack`` only. **Source of the fields:** ``packs/README.md``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from typing import Any, Final, TypeVar

from shouxin.errors import Invalid
from shouxin.policy.declared_toml import toml_tables
from shouxin.policy.rule import TIME_UNITS, Instrument, Retention, Rule, RuleId, Verified

__all__ = ["Facts", "read_facts", "read_instruments", "read_rules", "read_version"]

_UNITS: Final = TIME_UNITS | {"persons", "records", "CNY", "percent", "times", "multiple", "clicks"}
_BOUNDARIES: Final = frozenset({">=", ">", "<=", "<", "="})
_URGENCIES: Final = frozenset({"at_once", "in_time"})
_EFFECTS: Final = frozenset({"forbid"})
_KINDS: Final = frozenset({"law", "regulation", "rule", "notice", "interpretation", "standard"})
_ID: Final = re.compile(r"^(CN|EU)(-[A-Z0-9]+)+$")
_ARTICLE: Final = re.compile(r"^(\d+(\((\d+|[a-z])\)){0,2}|annex|)$")
_ENUMS: Final[Mapping[str, type[Verified | Retention]]] = {"verified": Verified, "retention": Retention}

T = TypeVar("T", Rule, Instrument)


@dataclass(frozen=True, slots=True)
class Facts:
    """The closed vocabulary of a pack: facts for ``applies_when``, verbs that an obligation begins with.

    ``numbers`` are the facts of an institution that count something; ``meanings`` says in words what each fact is.
    """

    names: frozenset[str]
    verbs: frozenset[str]
    numbers: frozenset[str]
    meanings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Row:
    """One table of an array of tables with the line of its header and of each of its keys."""

    file: str
    line: int
    lines: Mapping[str, int]
    values: Mapping[str, Any]

    def at(self, key: str = "") -> str:
        """Return ``file:line`` of a key, or of the header if the key is absent."""
        return f"{self.file}:{self.lines.get(key, self.line)}"


def _parse(file: str, text: str) -> dict[str, Any]:
    return toml_tables(text, file)


def _rows(file: str, text: str, table: str) -> Iterator[_Row]:
    parsed = _parse(file, text)
    places: list[tuple[int, dict[str, int]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() == f"[[{table}]]":
            places.append((number, {}))
        elif (key := re.match(r"^([A-Za-z0-9_]+)\s*=", line)) and places:
            places[-1][1].setdefault(key[1], number)
    if set(parsed) != {table} or len(parsed[table]) != len(places):
        raise Invalid(f"expected [[{table}]] tables and nothing else", f"{file}:1")
    for values, (header, lines) in zip(parsed[table], places, strict=True):
        yield _Row(file, header, lines, values)


def _make(kind: type[T], row: _Row) -> T:
    """Make a value of ``kind`` from a row: every field known, of its type, and present unless it has a default."""
    known = {one.name: one for one in fields(kind) if one.name != "place"}
    for key in row.values:
        if key not in known:
            raise Invalid(f"unknown field {key}", row.at(key))
    made: dict[str, Any] = {"place": row.at()}
    for name, one in known.items():
        if name not in row.values:
            if one.default is MISSING and "None" not in str(one.type):
                raise Invalid(f"field {name} is missing", row.at())
            made[name] = None if one.default is MISSING else one.default
            continue
        made[name] = _typed(str(one.type), name, row)
    return kind(**made)


def _typed(annotation: str, name: str, row: _Row) -> object:
    value = row.values[name]
    if name in _ENUMS:
        if value not in set(_ENUMS[name]):
            raise Invalid(f"{name} has an unknown value", row.at(name))
        return _ENUMS[name](value)
    if annotation.startswith("tuple"):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Invalid(f"{name} must be a list of strings", row.at(name))
        return tuple(value)
    wanted: type = {"date | None": date, "int | None": int, "bool": bool}.get(annotation, str)
    if type(value) is not wanted:
        raise Invalid(f"{name} must be a {wanted.__name__}", row.at(name))
    return value


def read_version(file: str, text: str, region: str) -> str:
    """Return the version of a pack.

    Raises:
        Invalid: the file is of another region or has no version.
    """
    parsed = _parse(file, text)
    if parsed.get("region") != region or not isinstance(parsed.get("version"), str):
        raise Invalid("expected the region of this folder and a version", f"{file}:1")
    return str(parsed["version"])


def read_facts(file: str, text: str) -> Facts:
    """Read the vocabulary of ``applies_when`` and of ``obligation``.

    Raises:
        Invalid: not TOML, or a part is missing.
    """
    parsed = _parse(file, text)
    if set(parsed) != {"facts", "numbers", "verbs"} or not set(parsed["numbers"]) <= set(parsed["facts"]):
        raise Invalid("expected [facts], [numbers] among them, and [verbs]", f"{file}:1")
    return Facts(
        frozenset(parsed["facts"]), frozenset(parsed["verbs"]), frozenset(parsed["numbers"]), dict(parsed["facts"])
    )


def read_instruments(file: str, text: str) -> dict[str, Instrument]:
    """Read the register of instruments.

    Raises:
        Invalid: with file and line.
    """
    found: dict[str, Instrument] = {}
    for row in _rows(file, text, "instrument"):
        one = _make(Instrument, row)
        if one.short in found:
            raise Invalid("this instrument stands twice", row.at("short"))
        if one.kind not in _KINDS:
            raise Invalid("unknown kind of instrument", row.at("kind"))
        found[one.short] = one
    return found


def read_rules(
    file: str, text: str, instruments: Mapping[str, Instrument], facts: Facts, into: dict[str, Rule]
) -> None:
    """Read the rules of one file ``into`` the rules read before, so that an id is used once in a pack.

    Raises:
        Invalid: with file and line.
    """
    for row in _rows(file, text, "rule"):
        rule = _make(Rule, row)
        if rule.id in into:
            raise Invalid(f"{rule.id} stands twice", row.at("id"))
        _check_words(rule, row, facts)
        _check_source(rule, row, instruments)
        _check_effect(rule, row)
        if rule.derives_from and rule.derives_from not in into:
            raise Invalid("derives_from names no rule above this one", row.at("derives_from"))
        if rule.extends:
            _check_extension(rule, row, into)
        into[RuleId(rule.id)] = rule


def _check_words(rule: Rule, row: _Row, facts: Facts) -> None:
    """Closed vocabularies: id, article, unit, boundary, urgency, verb, facts."""
    faults = (
        ("id", not _ID.match(rule.id)),
        ("article", not _ARTICLE.match(rule.article)),
        ("unit", rule.unit not in _UNITS and bool(rule.unit)),
        ("unit", (rule.n is None) != (not rule.unit)),
        ("boundary", rule.boundary not in _BOUNDARIES and bool(rule.boundary)),
        ("boundary", (rule.n is None) != (not rule.boundary)),
        ("urgency", rule.urgency not in _URGENCIES and bool(rule.urgency)),
        ("obligation", rule.obligation.partition(" ")[0] not in facts.verbs),
        ("effective_to", bool(rule.effective_to and rule.effective_from and rule.effective_to < rule.effective_from)),
        ("applies_when", not set(_facts_in(rule.applies_when, row)) <= facts.names),
        ("item_classes", bool(rule.retention) != bool(rule.item_classes)),
    )
    for name, wrong in faults:
        if wrong:
            raise Invalid(f"{name} is missing, unknown or does not fit", row.at(name))


def _check_source(rule: Rule, row: _Row, instruments: Mapping[str, Instrument]) -> None:
    """A text rule of a held text quotes it and names an article; a rule of a text that is not held says so."""
    if rule.instrument not in instruments:
        raise Invalid("unknown instrument", row.at("instrument"))
    text = instruments[rule.instrument].text
    if rule.verified is not Verified.TEXT:
        if rule.quote or not rule.held:
            raise Invalid("only a rule read in a text quotes, or says whether the text is held", row.at("quote"))
        return
    if rule.held != bool(text):
        raise Invalid("held does not fit the register", row.at("held"))
    if rule.held and not (rule.quote and rule.article and rule.source == f"texts/{text}"):
        raise Invalid("a rule read in a held text names article, source and quote", row.at("quote"))
    if not rule.held and rule.quote:
        raise Invalid("a text that is not held cannot be quoted", row.at("quote"))


def _check_effect(rule: Rule, row: _Row) -> None:
    """An effect has a condition, and is for rules that may decide only."""
    if rule.effect and rule.effect not in _EFFECTS:
        raise Invalid("unknown effect", row.at("effect"))
    if bool(rule.effect) != bool(rule.when):
        raise Invalid("effect and when come together", row.at("when"))
    if rule.effect and not (rule.may_decide and rule.effective_from):
        raise Invalid("only a dated rule that was read in a held text may decide", row.at("effect"))


def _check_extension(rule: Rule, row: _Row, above: Mapping[str, Rule]) -> None:
    """A time limit is lengthened by one rule at most, in its own unit, of the same instrument."""
    first = above.get(rule.extends)
    fits = (
        first is not None
        and (first.limits_time, rule.limits_time) == (True, True)
        and (first.unit, first.instrument) == (rule.unit, rule.instrument)
        and all(one.extends != rule.extends for one in above.values())
    )
    if not fits:
        raise Invalid("extends names no time limit above this one that it can lengthen", row.at("extends"))


def _facts_in(expression: str, row: _Row) -> Iterator[str]:
    """Yield the facts named by ``applies_when``: ``a.b`` names joined by and, or, not, comparisons and lists."""
    allowed = (
        ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.Compare, ast.Eq, ast.NotEq, ast.In,
        ast.NotIn, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Attribute, ast.Name, ast.Load, ast.Constant, ast.List,
    )  # fmt: skip
    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError:
        raise Invalid("applies_when is not an expression", row.at("applies_when")) from None
    for node in ast.walk(tree):
        if not isinstance(node, allowed):
            raise Invalid("applies_when uses what its language does not have", row.at("applies_when"))
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)
