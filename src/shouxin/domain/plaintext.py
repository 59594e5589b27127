"""Personal information in the clear has a type of its own, so that it cannot leave by accident.

``Plaintext`` shows nothing in ``repr``, ``str``, f-strings and logs, and refuses to be pickled, copied into JSON,
iterated or hashed. Whoever needs the bytes calls ``reveal()``, which is easy to search for: only ``vault/`` (sealing)
and ``protection/`` (masking), and the edge that hands a disclosed value to its reader, may do so.

``PlainFields`` is the same for one record of a source, whose names may be told and whose values may not.

Python's own errors of coding hold the whole value, even as the context of another error. So they are let go first,
and an error without a value is raised after.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from typing import Final, NoReturn, SupportsIndex

from shouxin.errors import Invalid

__all__ = ["HIDDEN", "PlainFields", "Plaintext"]

HIDDEN: Final = "‹plaintext›"


class _Untold:
    """What shows nothing of itself, and is neither pickled nor copied."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # a hash would let plaintext become a dictionary key

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("plaintext cannot be pickled or copied")


class Plaintext(_Untold):
    """Bytes that say something about a person. Equality is constant-time; there is no hash and no pickle."""

    __slots__ = ("_value",)
    __hash__ = None  # who defines equality says it anew

    def __init__(self, value: bytes) -> None:
        self._value = value

    @classmethod
    def of(cls, text: str) -> Plaintext:
        """Wrap ``text`` as UTF-8.

        Raises:
            Invalid: the text has a character that UTF-8 has not (half of a surrogate pair).
        """
        try:
            return cls(text.encode())
        except UnicodeEncodeError:
            pass  # as below; and `suppress` takes longer than all the rest, for every value of every record
        raise Invalid("a value cannot be written as UTF-8")

    def reveal(self) -> bytes:
        """Return the bytes. Every call is a place where personal information is handled in the clear."""
        return self._value

    def text(self) -> str:
        """Return the bytes read as UTF-8; the same warning as for ``reveal``.

        Raises:
            UnicodeDecodeError: the bytes are no text (an image); it holds none of them.
        """
        try:
            return self._value.decode()
        except UnicodeDecodeError:
            pass  # the error at hand holds the value; the one that is raised below does not know of it
        raise UnicodeDecodeError("utf-8", b"", 0, 0, "a value is no text")

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plaintext) and hmac.compare_digest(self._value, other._value)


class PlainFields(_Untold):
    """The fields of one record by name, as a source hands them over: one object hides all of their values."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def reveal(self) -> Mapping[str, str]:
        """Return the fields. Every call is a place where personal information is handled in the clear."""
        return self._fields

    def is_text(self) -> bool:
        """Say whether names and values can be written as UTF-8 (JSON may hold half of a surrogate pair)."""
        try:
            "\0".join([*self._fields, *self._fields.values()]).encode()
        except UnicodeEncodeError:
            return False
        return True

    def only(self, names: Collection[str]) -> PlainFields:
        """Return those fields that have one of ``names``."""
        return PlainFields({name: value for name, value in self._fields.items() if name in names})
