"""The blind index: find a person by an identifier without keeping the identifier (design section 5).

A tag is HMAC-SHA256 under the institution's index key over institution, kind and *normalised* value, cut to 128 bits
and enciphered once more under a key of the epoch, so that an old copy of the index cannot be asked 'was this number
ever a customer?' once its epoch is gone. Each look-up, hit or miss, is itself a disclosure; that is the door's affair.

A mobile alone never merges two people: one tag may lead to several subjects.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from shouxin.detection.checksums import id_number_check_character, id_number_is_valid
from shouxin.domain.identifiers import CellId, InstitutionId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid
from shouxin.keys.root import EpochNumber
from shouxin.keys.suite import Suite

__all__ = [
    "INDEXED",
    "ROW_SIZE",
    "TAG_SIZE",
    "BlindIndex",
    "IndexRow",
    "Tagger",
    "normalise",
    "other_length",
    "rows_in",
]

TAG_SIZE: Final = 16
# A tag, the person to whom it leads, and the cell that holds the value it was made from.
IndexRow = tuple[bytes, SubjectId, CellId]
# A *page* is many rows in one value, each as tag, cell and person: a whole index is moved in pages.
ROW_SIZE: Final = 48
# The items by which a person can be found, each with the characters that its normal form may have.
INDEXED: Final[dict[ItemCode, frozenset[str]]] = {
    ItemCode("account.card_number"): frozenset("0123456789"),
    ItemCode("contact.email"): frozenset(),
    ItemCode("contact.mobile"): frozenset("0123456789"),
    ItemCode("emergency.mobile"): frozenset("0123456789"),
    ItemCode("identity.id_number"): frozenset("0123456789X"),
}
_RESIDENT: Final = ItemCode("identity.id_number")
_SHORT: Final = 15
# A contact is looked for under the same tag as a borrower: whose number it is decides nothing.
_KIND: Final = {ItemCode("emergency.mobile"): ItemCode("contact.mobile")}


def normalise(item: ItemCode, value: str) -> str:
    """Return the form under which ``value`` is indexed: NFKC, upper case, no separators; +86 and 0086 cut off mobiles.

    Raises:
        Invalid: the item is not indexed, or nothing is left; the message does not repeat the value.
    """
    if item not in INDEXED:
        raise Invalid("this item is not indexed", item)
    if value.isascii() and value.isalnum() and not item.endswith(".mobile"):
        kept = value.upper()  # most values come as they should: digits, or digits and the X of a check digit
        if INDEXED[item].issuperset(kept):
            return kept
    folded = unicodedata.normalize("NFKC", value).upper().strip()
    alphabet = INDEXED[item]
    kept = "".join(c for c in folded if c in alphabet) if alphabet else folded
    if item.endswith(".mobile") and len(kept) > 11:
        kept = kept.removeprefix("0086").removeprefix("86") if len(kept) in (13, 15) else kept
    if not kept:
        raise Invalid("nothing to look for is left after normalising", item)
    return kept


def other_length(item: ItemCode, value: str) -> str | None:
    """Return a resident ID number of 15 digits in its form of 18, or the other way round; nothing for anything else.

    The index keeps values as they were given. Whoever asks whether somebody is meant asks in both lengths. All numbers
    of 15 digits are of the twentieth century; those of people who were a hundred then are not told apart.

    **Source:** GB 11643-1999.
    """
    if item != _RESIDENT:
        return None
    kept = normalise(item, value)
    if len(kept) == _SHORT and kept.isdigit():
        body = f"{kept[:6]}19{kept[6:]}"
        long = body + id_number_check_character(body)
        return long if id_number_is_valid(long) else None
    return kept[:6] + kept[8:17] if kept[6:8] == "19" and id_number_is_valid(kept) else None


class Tagger:
    """Computes tags for one institution. ``prf`` is the index key; ``ciphers`` has one tag key an open epoch."""

    def __init__(self, suite: Suite, institution: InstitutionId, prf: bytes) -> None:
        self._suite = suite
        self._prf = suite.prf_under(prf)
        self._heads = {item: b"%b\0%b\0" % (institution, _KIND.get(item, item).encode()) for item in INDEXED}

    def inner(self, item: ItemCode, value: str) -> bytes:
        """Return the 16-byte tag before it is enciphered under an epoch's key."""
        normal = normalise(item, value).encode()
        return self._prf(self._heads[item] + normal)[:TAG_SIZE]

    def every_inner(self, item: ItemCode, value: str) -> list[bytes]:
        """Return the inner tags of ``value`` as it is given, and of its other length if it has one."""
        other = other_length(item, value)
        return [self.inner(item, one) for one in (value, *([] if other is None else [other]))]

    def outer(self, cipher: bytes, inner: Sequence[bytes]) -> list[bytes]:
        """Encipher tags under an epoch's tag key; one call of the cipher for all of them."""
        joined = self._suite.encipher_tags(cipher, b"".join(inner))
        return [joined[i : i + TAG_SIZE] for i in range(0, len(joined), TAG_SIZE)]

    def recipher(self, old: bytes, new: bytes, page: bytes) -> bytes:
        """Move the tags of a page of rows from one epoch's key to another's."""
        moved = bytearray(page)
        tags = bytearray(len(page) // ROW_SIZE * TAG_SIZE)
        for at in range(TAG_SIZE):  # sixteen steps over all rows at once, not one step a row
            tags[at::TAG_SIZE] = page[at::ROW_SIZE]
        tags[:] = self._suite.encipher_tags(new, self._suite.decipher_tags(old, bytes(tags)))
        for at in range(TAG_SIZE):
            moved[at::ROW_SIZE] = tags[at::TAG_SIZE]
        return bytes(moved)


def rows_in(page: bytes) -> Iterator[IndexRow]:
    """Yield the rows of a page."""
    for at in range(0, len(page), ROW_SIZE):
        tag, cell, subject = (page[start : start + TAG_SIZE] for start in range(at, at + ROW_SIZE, TAG_SIZE))
        yield tag, SubjectId(subject), CellId(cell)


class BlindIndex(Protocol):
    """Where enciphered tags live: one *generation* an epoch, so that leaving an epoch removes a whole file or table.

    Rows are written before the cell they lead to and removed after its key; a row that leads nowhere answers nothing.
    Each method is durable on return.
    """

    def generations(self) -> list[EpochNumber]:
        """Return the epochs that have a generation, oldest first."""
        ...

    def open_generation(self, epoch: EpochNumber) -> None:
        """Make an empty generation unless it exists."""
        ...

    def build(self, epoch: EpochNumber, pages: Iterable[bytes]) -> None:
        """Make a generation from rows in one go, unless it exists; it appears whole or not at all."""
        ...

    def add(self, epoch: EpochNumber, rows: Iterable[IndexRow]) -> None:
        """Add rows; one that is there already is no error."""
        ...

    def age(self, epoch: EpochNumber) -> int:
        """Return how often a generation's rows were changed since it was built: each change counts it up with itself.

        So a copy that was put back is younger than what was noted of the generation since (``generations`` in the data
        store).
        """
        ...

    def find(self, epoch: EpochNumber, tag: bytes) -> list[tuple[SubjectId, CellId]]:
        """Return whom ``tag`` leads to, each with the cell that should hold the value; a cell may never have been."""
        ...

    def find_all(self, epoch: EpochNumber, wanted: Sequence[bytes]) -> dict[bytes, list[tuple[SubjectId, CellId]]]:
        """Return, for each of ``wanted`` that leads somewhere, what ``find`` would."""
        ...

    def rows_of(self, epoch: EpochNumber, cells: Sequence[CellId]) -> list[IndexRow]:
        """Return the rows that were made from values in ``cells``."""
        ...

    def remove(self, cells: Sequence[CellId]) -> int:
        """Remove from every generation all rows made from values in ``cells``; return how many."""
        ...

    def pages(self, epoch: EpochNumber, most: int) -> Iterator[bytes]:
        """Yield all rows in order of (tag, cell), up to ``most`` in a page."""
        ...

    def drop_generation(self, epoch: EpochNumber) -> None:
        """Remove a generation with its file; repeating is allowed."""
        ...

    def count(self, epoch: EpochNumber) -> int:
        """Return how many rows a generation has."""
        ...

    def damage(self) -> str:
        """Say what is wrong with the store's files as such; nothing when they are whole."""
        ...

    def compact(self) -> None:
        """Rebuild what remains so that nothing deleted stays in free pages or logs."""
        ...
