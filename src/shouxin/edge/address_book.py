"""Read an address book (CSV or vCard) and a call log, on the machine where they are; keep numbers only.

Laws. Of an entry only its numbers are kept, normalised, in memory; names are never read into anything. A line without a
number is counted as an entry and no more. What does not read is refused without repeating it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path
from typing import Final

from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid
from shouxin.vault.index import normalise

__all__ = ["AddressBook", "read_address_book", "read_calls"]

_LARGEST: Final = 64 << 20
_MOBILE: Final = ItemCode("contact.mobile")
_NUMBER_HEADS: Final = re.compile(r"phone|mobile|tel|number|电话|手机|号码", re.IGNORECASE)
_TEL: Final = re.compile(r"(?:[\w-]+\.)?TEL(?:;[^:]*)?:(?:tel:)?(.*)", re.IGNORECASE)
_SHORTEST: Final = 5  # digits; less is a service number or nothing


class AddressBook:
    """How many entries there were, and their numbers, each once."""

    __slots__ = ("entries", "numbers")

    def __init__(self, entries: int, numbers: frozenset[str]) -> None:
        self.entries = entries
        self.numbers = numbers

    def __repr__(self) -> str:
        return f"AddressBook(entries={self.entries}, numbers={len(self.numbers)})"


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise Invalid("the file is larger than 64 MiB", path.suffix)
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("the file is no UTF-8 text", path.suffix) from None
    except OSError as error:
        raise Invalid(f"the file cannot be read ({error.strerror})", path.suffix) from None


def _number(said: str) -> str:
    """Return a number as it is compared, or nothing."""
    try:
        kept = normalise(_MOBILE, said)
    except Invalid:
        return ""
    return kept if len(kept) >= _SHORTEST else ""


def _rows(path: Path) -> list[list[str]]:
    """Return, for each line of a CSV, what stands in its columns of numbers."""
    try:
        lines = csv.reader(io.StringIO(_text(path)), strict=True)
        heads = next(lines, [])
        places = [at for at, head in enumerate(heads) if _NUMBER_HEADS.search(head)]
        if not places:
            raise Invalid("no column is called phone, mobile, tel, number, 电话, 手机 or 号码", "header")
        return [[line[at] for at in places if at < len(line)] for line in lines if line]
    except csv.Error:
        raise Invalid("the file does not read as CSV", path.suffix) from None


def _numbers(said: list[str]) -> set[str]:
    return {number for one in said for part in re.split(r"[;,/]", one) if (number := _number(part))}


def read_address_book(path: Path) -> AddressBook:
    """Read a vCard (``.vcf``) or a CSV with a header.

    Raises:
        Invalid: it does not read, or is larger than 64 MiB.
    """
    if path.suffix.lower() == ".vcf":
        text = re.sub(r"\r?\n[ \t]", "", _text(path))  # RFC 6350 section 3.2: a folded line goes on
        lines = text.splitlines()
        entries = sum(line.strip().upper() == "BEGIN:VCARD" for line in lines)
        if not entries:
            raise Invalid("the file holds no vCard", path.suffix)
        return AddressBook(entries, frozenset(_numbers([found[1] for line in lines if (found := _TEL.match(line))])))
    rows = _rows(path)
    return AddressBook(len(rows), frozenset(number for row in rows for number in _numbers(row)))


def read_calls(path: Path) -> Counter[str]:
    """Return how often each number stands in a call log: a CSV with a header, one call a line.

    Raises:
        Invalid: it does not read, or is larger than 64 MiB.
    """
    return Counter(number for row in _rows(path) for number in _numbers(row))
