"""Identifiers: random, 128 bits, typed, with no time and no person inside.

In memory and in tables an identifier is 16 bytes; towards people it is written ``sub_`` and 32 hexadecimal digits, so
that one kind can never be pasted where another is meant. ``mypy`` keeps the kinds apart inside the program.
"""

from __future__ import annotations

import re
import secrets
from typing import Final, NewType, TypeVar

from shouxin.errors import Invalid

__all__ = [
    "PREFIXES",
    "AccountId",
    "CellId",
    "ConsentId",
    "DestructionId",
    "EventId",
    "GrantId",
    "HoldId",
    "InstitutionId",
    "ObjectId",
    "OperationId",
    "OrderId",
    "PassId",
    "RequestId",
    "RightId",
    "SignInId",
    "SubjectId",
    "new",
    "parse",
    "show",
]

AccountId = NewType("AccountId", bytes)
CellId = NewType("CellId", bytes)
ConsentId = NewType("ConsentId", bytes)
DestructionId = NewType("DestructionId", bytes)
EventId = NewType("EventId", bytes)
GrantId = NewType("GrantId", bytes)
HoldId = NewType("HoldId", bytes)
InstitutionId = NewType("InstitutionId", bytes)
ObjectId = NewType("ObjectId", bytes)
OperationId = NewType("OperationId", bytes)
OrderId = NewType("OrderId", bytes)
PassId = NewType("PassId", bytes)
RequestId = NewType("RequestId", bytes)
RightId = NewType("RightId", bytes)
SignInId = NewType("SignInId", bytes)
SubjectId = NewType("SubjectId", bytes)

SIZE: Final = 16
_DIGITS: Final = re.compile(r"[0-9a-f]{32}")
PREFIXES: Final[dict[object, str]] = {
    AccountId: "acc",
    CellId: "cel",
    ConsentId: "con",
    DestructionId: "des",
    EventId: "evt",
    GrantId: "grt",
    HoldId: "hld",
    InstitutionId: "ins",
    ObjectId: "obj",
    OperationId: "opn",
    OrderId: "ord",
    PassId: "pas",
    RequestId: "req",
    RightId: "rgt",
    SignInId: "sgn",
    SubjectId: "sub",
}

T = TypeVar("T", bound=bytes)


def new(kind: type[T]) -> T:
    """Return a fresh identifier of ``kind``: 16 bytes from the operating system's generator."""
    return kind(secrets.token_bytes(SIZE))


def show(kind: type[T], identifier: T) -> str:
    """Write ``identifier`` for people and JSON: prefix, underscore, 32 lower-case hexadecimal digits."""
    return f"{PREFIXES[kind]}_{identifier.hex()}"


def parse(kind: type[T], text: str) -> T:
    """Read what ``show`` wrote, to the letter: one identifier has one written form.

    Raises:
        Invalid: another kind, another length, blanks, capitals or other characters; the message does not repeat the
            text.
    """
    prefix, _, digits = text.partition("_")
    if prefix != PREFIXES[kind] or not _DIGITS.fullmatch(digits):
        raise Invalid(f"expected an identifier: {PREFIXES[kind]}_ and {2 * SIZE} lower-case hexadecimal digits")
    return kind(bytes.fromhex(digits))
