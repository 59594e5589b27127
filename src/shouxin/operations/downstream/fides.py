"""A Fides dataset in our words: collections become tables, fields columns, data categories items.

Laws of this file. Nothing is dropped in silence: whatever has no counterpart here is listed, with its place, and stands
as a comment beside the column. Fides does not say what becomes of a column: it goes with its row. Nor does it say of
whom a reference is, and a guess would erase somebody else or leave the person behind: none is written, and the text
does not read until a person has said of each.

Called by: ``shouxin dataset import-fides``, with YAML already read by ``connectors.fides_file``.
**Source:** fideslang 3.1 (Dataset, DatasetCollection, DatasetField, ``fides_meta``); ``domain/items.toml``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shouxin.domain.items import ItemCode, taxonomy
from shouxin.errors import Invalid

__all__ = ["UNDECIDED", "Unmapped", "from_fides", "item_of"]

_CODE: Final = re.compile(r"[^a-z0-9_.-]+")
# Identities that Fides names by word; every other becomes a kind of its own.
_IDENTITIES: Final[dict[str, tuple[str, bool]]] = {
    "email": ("contact.email", True),
    "phone_number": ("contact.mobile", True),
}
_PERSONAL: Final = "user"
# Fides has no word for it.
UNDECIDED: Final = (
    'say of = "person" (both rows are about one and the same) or of = "shared" (the other may be somebody else\'s, as '
    "an address of two): until then the description does not read"
)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Something of the Fides dataset that has no counterpart: where it stood, and why."""

    place: str
    why: str


@dataclass(slots=True)
class _Import:
    lines: list[str] = field(default_factory=list)
    unmapped: list[Unmapped] = field(default_factory=list)
    identities: dict[str, tuple[str, bool]] = field(default_factory=dict)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def item_of(category: str) -> ItemCode | None:
    """Return the item whose Fides category is ``category``, or the nearest above it; nothing if none is personal.

    Of several items under one category the first of the taxonomy stands for all.
    """
    by_category: dict[str, ItemCode] = {}
    for one in taxonomy().items.values():
        by_category.setdefault(one.fides, one.code)
    path = category.split(".")
    exact = path[-1].replace("_", ".", 1)
    if ItemCode(exact) in taxonomy().items:  # written by `domain.item_export`
        return ItemCode(exact)
    while path:
        if found := by_category.get(".".join(path)):
            return found
        path.pop()
    return None


def from_fides(said: Mapping[str, Any]) -> tuple[str, list[Unmapped]]:
    """Return a description as TOML text, and what could not be taken over.

    The text reads with ``read_dataset`` once each reference says of whom it is (``of``) and if every table has a way
    in; what must be looked at stands in ``unmapped``.

    Raises:
        Invalid: this is no Fides dataset.
    """
    datasets = _mappings(said.get("dataset"), "dataset")
    if not datasets:
        raise Invalid("a Fides file has a list 'dataset'", "fides")
    (one, *others) = datasets
    work = _Import()
    work.unmapped += [
        Unmapped(f"dataset {n}", "one file, one dataset: import it by itself") for n, _ in enumerate(others, 2)
    ]
    name = _CODE.sub("-", str(one.get("fides_key", "")).lower()).strip("-.")
    collections = _mappings(one.get("collections"), "collections")
    if not name or not collections:
        raise Invalid("a Fides dataset has a fides_key and collections", "fides")
    if len({str(collection.get("name")) for collection in collections}) != len(collections):
        raise Invalid("a collection stands twice or has no name", "fides")
    personal = [collection for collection in collections if _is_personal(collection)]
    elsewhere = [collection for collection in collections if not _is_personal(collection)]
    names = {str(collection.get("name")) for collection in personal}
    for collection in personal:
        _table(work, str(one.get("fides_key")), collection, names)
    for member in one.keys() - {"fides_key", "collections", "name", "description"}:
        work.unmapped.append(Unmapped(str(member), "no counterpart here"))
    head = [f"dataset = {_quoted(name)}", "version = 1", "", "[identities]"]
    for kind, (item, weak) in sorted(work.identities.items()):
        told = [f"item = {_quoted(item)}"] * bool(item) + ["weak = true"] * weak
        head.append(f"{_key(kind)} = {{ {', '.join(told)} }}" if told else f"{_key(kind)} = {{}}")
    if elsewhere:
        head += ["", "[not_described]"]
        head += [f"{_key(str(c.get('name')))} = {_quoted('Fides: no personal data category')}" for c in elsewhere]
    return "\n".join([*head, *work.lines, ""]), work.unmapped


def _mappings(said: object, place: str) -> list[Mapping[str, Any]]:
    """Return a list of mappings that may be left out.

    Raises:
        Invalid: it is something else, or a key among them is no text.
    """
    if said is None:
        return []
    if not isinstance(said, list) or not all(isinstance(one, Mapping) for one in said):
        raise Invalid("this is a list of mappings", f"fides {place}")
    if not all(isinstance(key, str) for one in said for key in one):
        raise Invalid("a key is text", f"fides {place}")
    return said


def _fields(collection: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    fields = _mappings(collection.get("fields"), "fields")
    if len({str(one.get("name")) for one in fields}) != len(fields):
        raise Invalid("a field stands twice or has no name", "fides")
    return fields


def _categories(one: Mapping[str, Any]) -> list[str]:
    said = one.get("data_categories") or []
    if not isinstance(said, list):
        raise Invalid("data_categories is a list", "fides")
    return [str(name) for name in said]


def _is_personal(collection: Mapping[str, Any]) -> bool:
    categories = (name for one in _fields(collection) for name in _categories(one))
    return any(name.split(".")[0] == _PERSONAL for name in categories)


def _meta(one: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = one.get("fides_meta") or one.get("fidesops_meta") or {}
    if not isinstance(meta, Mapping) or not all(isinstance(key, str) for key in meta):
        raise Invalid("fides_meta is a mapping", "fides")
    return meta


def _table(work: _Import, dataset: str, collection: Mapping[str, Any], names: set[str]) -> None:
    name = str(collection.get("name"))
    fields = _fields(collection)
    key = [str(one.get("name")) for one in fields if _meta(one).get("primary_key")]
    strategy = _meta(collection).get("masking_strategy_override", {})
    work.lines += ["", f"[table.{_key(name)}]"]
    if key:
        work.lines.append(f"key = [{', '.join(map(_quoted, key))}]")
    else:
        work.unmapped.append(Unmapped(name, "no primary_key: name the key, or rows of this table cannot be erased"))
    if strategy:
        told = strategy.get("strategy") if isinstance(strategy, Mapping) else strategy
        work.unmapped.append(Unmapped(name, f"masking strategy {told}: choose null, replace or token a column"))
    work.lines += ['strategy = "delete_row"', f"[table.{_key(name)}.columns]"]
    for one in fields:
        work.lines += _column(work, dataset, name, one, names)
    known = {"name", "fields", "fides_meta", "fidesops_meta", "description"}
    for member in sorted(collection.keys() - known):
        work.unmapped.append(Unmapped(f"{name}.{member}", "no counterpart here"))
    for member in sorted(_meta(collection).keys() - {"masking_strategy_override"}):
        work.unmapped.append(Unmapped(f"{name}.fides_meta.{member}", "no counterpart here"))


def _column(work: _Import, dataset: str, table: str, one: Mapping[str, Any], names: set[str]) -> Iterator[str]:
    name, place = str(one.get("name")), f"{table}.{one.get('name')}"
    categories = _categories(one)
    personal = [category for category in categories if category.split(".")[0] == _PERSONAL]
    item = next((found for category in personal if (found := item_of(category))), None)
    told: list[str] = []
    notes = [category for category in personal if item is None or taxonomy().items[item].fides != category]
    if item is not None:
        told.append(f"item = {_quoted(item)}")
    else:
        why = f"Fides: {', '.join(categories) or 'no data category'}"
        told.append(f"not_personal = {_quoted(why)}")
    for category in notes:
        work.unmapped.append(Unmapped(place, f"data category {category}: taken as {item}" if item else category))
    meta = _meta(one)
    if identity := str(meta.get("identity") or ""):
        kind = _CODE.sub("_", identity.lower())
        work.identities[kind] = _IDENTITIES.get(identity, ("", False))
        told.append(f"identity = {_quoted(kind)}")
    refers = list(_reference(work, dataset, place, meta, names))
    told += refers
    if one.get("fields"):
        work.unmapped.append(
            Unmapped(place, "nested fields: a column here is one value; describe the document as text")
        )
    for member in sorted(meta.keys() - {"identity", "references", "primary_key", "data_type", "length"}):
        work.unmapped.append(Unmapped(f"{place}.fides_meta.{member}", "no counterpart here"))
    said = [f"Fides: {' '.join(', '.join(notes).split())}"] * bool(notes) + ["of whom? person or shared"] * bool(refers)
    comment = f"  # {'; '.join(said)}" if said else ""
    yield f"{_key(name)} = {{ {', '.join(told)} }}{comment}"


def _reference(work: _Import, dataset: str, place: str, meta: Mapping[str, Any], names: set[str]) -> Iterator[str]:
    listed = _mappings(meta.get("references"), "references")
    for at, one in enumerate(listed):
        table, _, column = str(one.get("field", "")).partition(".")
        if str(one.get("dataset")) != dataset or table not in names or not column:
            work.unmapped.append(
                Unmapped(place, "refers to another dataset or to nobody's table: identities lead there")
            )
        elif at:
            work.unmapped.append(Unmapped(place, f"a second reference, to {table}.{column}: one a column"))
        else:
            told = str(one.get("direction") or "")
            work.unmapped.append(Unmapped(place, UNDECIDED))
            if told:
                work.unmapped.append(
                    Unmapped(place, f"direction {told}: a reference of the person is followed both ways here")
                )
            yield f"references = {_quoted(f'{table}.{column}')}"
