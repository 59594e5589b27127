"""Numbers as they are written: in one piece, or in groups with a separator between.

Laws. A *token* is a maximal run of ASCII letters and digits. A number in one piece is a whole token, never a part of
one (but for a country code that is stuck to it), and no part of a decimal number. A number in groups is two to nine
whole tokens with one byte of ``SEPARATORS`` between each. All bytes are folded (``normalise``) before. These are the
reference rules: ``bulk`` may decide the same in another way, never otherwise (a property test compares them).

Called by: ``plain`` for every token; ``bulk`` for those tokens that its arrays leave open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from shouxin.detection.contact import MOBILE_GROUPS, ODD_GROUPS, SPOKEN_GROUPS, mobile
from shouxin.detection.device import imei
from shouxin.detection.finding import ORDINAL, FindingKind, Row
from shouxin.detection.identity import credit_code, passport, resident_id, resident_id_15, travel_permit
from shouxin.detection.payment import CARD_LENGTHS, bank_card

__all__ = ["MOST_GROUPS", "SEPARATORS", "TOKEN_LENGTHS", "rows_of_groups", "rows_of_token"]

SEPARATORS: Final = b" -._/"
MOST_GROUPS: Final = 9
TOKEN_LENGTHS: Final = frozenset({9, 11, 13, 14, 15, 16, 17, 18, 19})

_MOBILE = ORDINAL[FindingKind.MOBILE]
_CARD = ORDINAL[FindingKind.BANK_CARD]
_RESIDENT = ORDINAL[FindingKind.RESIDENT_ID]
_RESIDENT_15 = ORDINAL[FindingKind.RESIDENT_ID_15]
_CREDIT = ORDINAL[FindingKind.CREDIT_CODE]
_IMEI = ORDINAL[FindingKind.IMEI]
_PASSPORT = ORDINAL[FindingKind.PASSPORT]
_PERMIT = ORDINAL[FindingKind.TRAVEL_PERMIT]
_COUNTRY_CODES: Final = {13: b"86", 14: b"086", 15: b"0086"}
_OLD_ID_GROUPS: Final = (6, 6, 3)
_ROW_GAPS: Final = (b" ", b"\t", b".", b",", b"-")
_SPOKEN_GAPS: Final = frozenset(b" -")
_WITH_CODE: Final = (5, 4, 4)  # the country code stuck to the first group
_IMEI_GROUPS: Final = frozenset({(2, 6, 6, 1), (6, 2, 6, 1), (8, 6, 1), (8, 7), (2, 6, 7), (6, 2, 7)})  # TS 23.003, 6.2


def _is_decimal(data: bytes, start: int, end: int) -> bool:
    """Tell whether digits are a part of a decimal number: a point and a digit on either side.

    A nought alone behind the point is how tables write a whole number: 13800138000.0.
    """
    before = start >= 2 and data[start - 1] == 0x2E and 0x30 <= data[start - 2] <= 0x39
    before = before and data[start - 4 : start] != b"+86."  # as registries of domains write it
    if before or data[end : end + 1] != b"." or not data[end + 1 : end + 2].isdigit():
        return before
    return not (data[end + 1 : end + 2] == b"0" and _ends_there(data, end + 2))


def _ends_there(data: bytes, place: int) -> bool:
    """Tell whether neither a letter or digit follows, nor a point and a digit."""
    after = data[place : place + 2]
    return not after[:1].isalnum() and not (after[:1] == b"." and after[1:].isdigit())


def rows_of_token(data: bytes, start: int, end: int) -> Iterator[Row]:
    """Yield what one whole token may be; several rows for one span are settled by score later."""
    length = end - start
    if length not in TOKEN_LENGTHS:
        return
    value = data[start:end]
    if not value.isdigit():
        yield from _rows_with_letters(value, start, end)
        return
    if _is_decimal(data, start, end):
        return
    if length == 11 and (evidence := mobile(value)):
        yield _MOBILE, start, end, evidence
    if length in _COUNTRY_CODES:
        yield from _rows_of_few(value, start, end)
    if length == 18:
        yield from _rows_of_eighteen(value, start, end)
    elif length in CARD_LENGTHS and (evidence := bank_card(value)):
        yield _CARD, start, end, evidence


def _rows_of_few(value: bytes, start: int, end: int) -> Iterator[Row]:
    """13 to 15 digits: a mobile with its country code, an ID of before 1999, a device."""
    if value.startswith(_COUNTRY_CODES[len(value)]) and (evidence := mobile(value[-11:])):
        yield _MOBILE, end - 11, end, evidence
    if evidence := resident_id_15(value):
        yield _RESIDENT_15, start, end, evidence
    if evidence := imei(value):
        yield _IMEI, start, end, evidence


def _rows_of_eighteen(value: bytes, start: int, end: int) -> Iterator[Row]:
    if evidence := resident_id(value):
        yield _RESIDENT, start, end, evidence
    elif evidence := credit_code(value):
        yield _CREDIT, start, end, evidence
    elif evidence := bank_card(value):
        yield _CARD, start, end, evidence


def _rows_with_letters(value: bytes, start: int, end: int) -> Iterator[Row]:
    if len(value) == 18:
        yield from _rows_of_eighteen(value.upper(), start, end)
    elif evidence := passport(value):
        yield _PASSPORT, start, end, evidence
    elif evidence := travel_permit(value):
        yield _PERMIT, start, end, evidence


@cache
def _grouped() -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    token = rb"[0-9A-Za-z]{1,17}(?![0-9A-Za-z])"
    chain = rb"[1-9][0-9A-Za-z]{0,16}(?![0-9A-Za-z])(?:[ ._/-]" + token + rb"){1,%d}" % (MOST_GROUPS - 1)
    return re.compile(chain), re.compile(rb"[0-9A-Za-z]+")


def rows_of_groups(data: bytes, start: int) -> Iterator[Row]:
    """Yield what the groups that begin with the token at ``start`` may be, one number for each end that is right."""
    chain = _grouped()[0].match(data, start)
    if chain is None:
        return
    value, lengths, gaps = b"", [], set[int]()
    for piece in _grouped()[1].finditer(chain.group()):
        group = piece.group()
        if value:
            gaps.add(data[start + piece.start() - 1])
        value += group
        lengths.append(len(group))
        if len(value) > CARD_LENGTHS[-1] or (not group[:1].isdigit() and len(value) < 9):
            return
        if len(lengths) > 1:
            yield from _rows_of_one_grouping(data, (start, start + piece.end()), value, tuple(lengths), gaps)


def _rows_of_one_grouping(
    data: bytes,
    span: tuple[int, int],
    value: bytes,
    lengths: tuple[int, ...],
    gaps: set[int],
) -> Iterator[Row]:
    start, end = span
    if len(value) == 18:
        value = value.upper()
        if evidence := resident_id(value):
            yield _RESIDENT, start, end, evidence
        elif evidence := credit_code(value):
            yield _CREDIT, start, end, evidence
    if not value.isdigit() or len(gaps) > 1 or _is_decimal(data, start, end):
        return
    alone = _stands_alone(data, start, end, gaps)
    if lengths in MOBILE_GROUPS and (alone or (lengths == SPOKEN_GROUPS and gaps == {0x20})) and mobile(value):
        yield _MOBILE, start, end, mobile(value)
    if alone:
        yield from _odd_mobiles(data, span, value, lengths, gaps)
    if (not alone and gaps != {0x20}) or (gaps == {0x2E} and len(lengths) == 2):
        return  # two groups with a point between are a decimal number
    yield from _grouped_cards(span, value, lengths, alone=alone)
    if lengths in _IMEI_GROUPS and (evidence := imei(value)):
        yield _IMEI, start, end, evidence
    if lengths == _OLD_ID_GROUPS and (evidence := resident_id_15(value)):
        yield _RESIDENT_15, start, end, evidence


def _stands_alone(data: bytes, start: int, end: int, gaps: set[int]) -> bool:
    """Tell whether no further digits are joined by the same separator; a country code before does not count."""
    (gap,) = gaps
    if data[end : end + 1] == bytes((gap,)) and data[end + 1 : end + 2].isdigit():
        return False
    if data[start - 1 : start] != bytes((gap,)) or not data[start - 2 : start - 1].isdigit():
        return True
    return data[max(0, start - 5) : start - 1].endswith(b"86")


def _grouped_cards(span: tuple[int, int], value: bytes, lengths: tuple[int, ...], *, alone: bool) -> Iterator[Row]:
    """A card; between other figures not of the rarest network, whose first digit is the commonest in such rows."""
    among_others = not alone and value[:1] == b"2"
    if len(value) in CARD_LENGTHS and not among_others and min(lengths[:-1]) > 1 and (evidence := bank_card(value)):
        yield _CARD, *span, evidence


def _odd_mobiles(
    data: bytes,
    span: tuple[int, int],
    value: bytes,
    lengths: tuple[int, ...],
    gaps: set[int],
) -> Iterator[Row]:
    """Rare groupings that stand alone, and the country code stuck to the first group."""
    start, end = span
    if lengths in ODD_GROUPS and gaps <= _SPOKEN_GAPS and _is_enclosed(data, start, end) and mobile(value):
        yield _MOBILE, start, end, mobile(value)
    if lengths == _WITH_CODE and value[:2] == b"86" and mobile(value[2:]):
        yield _MOBILE, start + 2, end, mobile(value[2:])


def _is_enclosed(data: bytes, start: int, end: int) -> bool:
    """Tell whether no space or point stands before or behind: a row of figures goes on there."""
    return data[start - 1 : start] not in _ROW_GAPS and data[end : end + 1] not in _ROW_GAPS
