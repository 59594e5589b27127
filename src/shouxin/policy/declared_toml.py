"""From TOML that somebody wrote to what it declares: strict, and every fault has its file and line.

Whatever is in the text, the outcome is a value or ``Invalid``: also a number of five thousand digits, brackets nested
a thousand deep, a key that stands twice. Whoever reads a larger text than they want refuses it before.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from shouxin.errors import Invalid

__all__ = ["from_toml", "line_of", "line_too_many", "toml_tables"]

T = TypeVar("T")

_NAMES: Final[Mapping[str, type]] = {"int": int, "str": str, "bool": bool, "array": list, "object": dict}
_LINE: Final = re.compile(r"line (\d+)")
_LONG_NUMBER: Final = re.compile(r"\d{1000}")
_FAULT: Final = re.compile(r"(?:(?P<missing>missing required)|unknown) field `(?P<field>[^`]*)`")
_EXPECTED: Final = re.compile(r"Expected `(?P<kind>\w+)")


def toml_tables(text: str, file: str) -> dict[str, Any]:
    """Return the tables of ``text``.

    Raises:
        Invalid: not TOML, nested too deeply, or a number that nobody can count; ``place`` is file and line.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        last = text.count("\n") + 1
        raise Invalid(f"not TOML: {error}", f"{file}:{found[1] if found else last}") from None
    except RecursionError:
        raise Invalid("nested too deeply", f"{file}:{_deepest(text)}") from None
    except ValueError:  # Python reads no number of more than 4,300 digits
        lines = (number for number, line in enumerate(text.splitlines(), 1) if _LONG_NUMBER.search(line))
        raise Invalid("not TOML: a number with too many digits", f"{file}:{next(lines, 1)}") from None


def from_toml(text: str, as_type: type[T], file: str) -> T:
    """Return what ``text`` declares, read strictly as ``as_type`` (a ``msgspec.Struct``).

    Raises:
        Invalid: not TOML, nested too deeply, or an unknown or missing field; ``place`` is file and line.
    """
    body = toml_tables(text, file)
    try:
        return msgspec.convert(body, as_type, strict=True)
    except msgspec.ValidationError as error:
        said = str(error)
        raise Invalid(said, f"{file}:{line_of(text, _place(body, said))}") from None


def line_too_many(text: str, most: int) -> int:
    """Return the line of the first character of ``text`` after ``most``."""
    return text.count("\n", 0, most) + 1


def _deepest(text: str) -> int:
    """Return the line on which most brackets open."""
    lines = text.splitlines() or [""]
    return max(range(len(lines)), key=lambda at: lines[at].count("[") + lines[at].count("{")) + 1


def _place(body: Mapping[str, Any], said: str) -> str:
    """Return the field of ``body`` that an error of msgspec is about, as ``retention.file.ceiling_days``.

    Of a table it says ``[...]`` and not which one: the first that has the fault is named.
    """
    path = said.rpartition("`$")[2].rstrip("`").replace("[...]", ".*").lstrip(".") if "`$" in said else ""
    fault = _FAULT.search(said)
    words = [word for word in path.split(".") if word]
    if fault is not None:
        words.append(fault["field"])
    kind = _EXPECTED.search(said)
    wanted = _NAMES.get(kind["kind"]) if kind is not None else None
    found = _follow(body, words, wanted, missing=fault is not None and fault["missing"] is not None)
    return ".".join(found or [word.partition("[")[0] for word in words if word != "*"])


def _follow(value: object, words: list[str], wanted: type | None, *, missing: bool) -> list[str] | None:
    """Return the keys down to the first value at ``words`` that is at fault; nothing if there is none."""
    if not words:
        return None if wanted is not None and type(value) is wanted else []
    if not isinstance(value, dict):
        return []
    word = words[0].partition("[")[0]
    if word != "*" and missing and len(words) == 1:
        return None if word in value else []
    for key in value if word == "*" else [word]:
        if key in value and (rest := _follow(value[key], words[1:], wanted, missing=missing)) is not None:
            return [key, *rest]
    return None


def line_of(text: str, place: str) -> int:
    """Return the line of ``text`` on which the field ``place`` stands, or the nearest that holds it.

    Of a table that has no line of its own it is the first line of what is in it; of what is not there at all, 1.
    """
    table, nearest, inside = "", (0, 0), 0
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+([^\[\]]+)\]+", line)
        key = re.match(r"\s*([A-Za-z0-9_.\"-]+)\s*=", line)
        if header:
            table = header[1].strip()
            path = table
        elif key:
            path = f"{table}.{key[1]}" if table else key[1]
        else:
            continue
        path = path.replace('"', "")
        if (place == path or place.startswith(f"{path}.")) and len(path) > nearest[0]:
            nearest = len(path), number
        elif path.startswith(f"{place}."):
            inside = inside or number
    return nearest[1] or inside or 1
