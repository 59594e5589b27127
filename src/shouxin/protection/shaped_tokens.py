"""Tokens of the same shape: what stands in a lender's own column in place of a value, so that its programs go on.

Laws. Equal item and value give an equal token, so that rows still join. A digit stays a digit, a letter a letter of its
case, a Chinese character a Chinese character; everything else stays as it is. A token is never a valid identifier: no
mobile begins with 10 to 12, nobody is born in month 00, no bank card begins with 0, no mail arrives; so it is nobody's.
Without the key a token says nothing of the value but its shape.

It is a keyed hash and no encryption: nothing turns a token back but the index of the vault, behind the door.

Called by: ``operations.collecting.replace_columns``. **Source:** RFC 2104 (HMAC-SHA256 as PRF, counter mode).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Final

from shouxin.domain.items import ItemCode

__all__ = ["ATTEMPTS", "is_shaped_token", "shaped_token"]

ATTEMPTS: Final = 8  # how many tokens a value may have, until one leads to nobody else
_LABEL: Final = b"shouxin/shaped-token/v1\0"
_FIRST_HAN: Final = 0x4E00
_HAN: Final = 20_902  # the block whose characters every font has
_ID_NUMBER: Final = "identity.id_number"
_CARD: Final = "account.card_number"


def _stream(key: bytes, item: ItemCode, value: str, attempt: int) -> Iterator[int]:
    """Yield numbers of 32 bits, without end."""
    head = _LABEL + item.encode() + b"\0" + attempt.to_bytes(2, "big") + value.encode()
    block = 0
    while True:
        made = hmac.digest(key, block.to_bytes(4, "big") + head, "sha256")
        for at in range(0, 32, 4):
            yield int.from_bytes(made[at : at + 4], "big")
        block += 1


def _other(letter: str, number: int) -> str:
    if "0" <= letter <= "9":
        return chr(ord("0") + number % 10)
    if "a" <= letter <= "z":
        return chr(ord("a") + number % 26)
    if "A" <= letter <= "Z":
        return chr(ord("A") + number % 26)
    return chr(_FIRST_HAN + number % _HAN) if _FIRST_HAN <= ord(letter) < _FIRST_HAN + _HAN else letter


def _others(value: str, numbers: Iterator[int], kept: str = "") -> list[str]:
    """Exchange every letter that has a kind; separators use up no number, so that they change no other letter."""
    return [
        letter if letter in kept or _other(letter, 0) == _other(letter, 1) else _other(letter, next(numbers))
        for letter in value
    ]


def shaped_token(key: bytes, item: ItemCode, value: str, normal: str, attempt: int = 0) -> str:
    """Return the token for ``value``, whose normal form is ``normal``; another ``attempt`` gives another token.

    Two spellings of one value have tokens of two shapes with the same characters in them.
    """
    numbers = _stream(key, item, normal, attempt)
    if item.endswith(".email"):
        local, at, _ = value.partition("@")
        return "".join(_others(local, numbers)) + (f"{at}token.invalid" if at else "")
    kept = "Xx" if item == _ID_NUMBER else ""
    made = _others(value, numbers, kept)
    return "".join(_unfit(item, made))


def _unfit(item: ItemCode, made: list[str]) -> list[str]:
    """Return the characters with what makes them a valid identifier undone."""
    digits = [at for at, letter in enumerate(made) if letter.isascii() and letter.isalnum()]
    if item.endswith(".mobile") and len(digits) >= 11:
        made[digits[-11]], made[digits[-10]] = "1", str(int(made[digits[-10]]) % 3)  # 10, 11, 12: no mobile
    elif item == _ID_NUMBER and len(digits) == 18:
        made[digits[10]] = made[digits[11]] = "0"
    elif item == _CARD and digits:
        made[digits[0]] = "0"
    return made


def is_shaped_token(item: ItemCode, value: str) -> bool:
    """Say whether ``value`` could be a token of an item that people are found by: then it is nobody's identifier."""
    if item.endswith(".email"):
        return value.lower().endswith("@token.invalid")
    digits = "".join(letter for letter in value if letter.isascii() and letter.isalnum())
    if item.endswith(".mobile"):
        return len(digits) >= 11 and digits[-11] == "1" and digits[-10] in "012"
    if item == _ID_NUMBER:
        return len(digits) == 18 and digits[10:12] == "00"
    return item == _CARD and digits.startswith("0")
