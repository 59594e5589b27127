"""Where among the tokens of a block a rule is worth trying: conditions that every match fulfils, over arrays.

Laws. An anchor may lead to nothing; a match without its anchor would be a loss, and the property test that compares
the engines would show it. Each function returns places in the padded block at which the scalar rule is tried.

Called by: ``bulk``.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from shouxin.detection.contact import MOBILE_GROUPS
from shouxin.detection.patterns import PLATE_PROVINCES
from shouxin.detection.token_arrays import Bools, Places, TokenArrays, byte_set, is_digit, windows
from shouxin.detection.tokens import MOST_GROUPS, SEPARATORS

__all__ = ["at_coordinates", "at_email", "at_groups", "at_ipv6", "at_landline", "at_mac", "at_odd_tokens", "at_plate"]

_EMAIL_LOCAL = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._%+-"
_LONGEST_LOCAL = 68
_GROUP_BITS = 5


def _is_upper(octets: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Bools:
    return (octets - np.uint8(0x41)) < 26


def at_odd_tokens(tokens: TokenArrays) -> Places:
    """Indices of tokens for ``rows_of_token`` that no array rule decides: permits, old IDs, stuck codes."""
    first, lengths = tokens.first, tokens.lengths
    document = ((lengths == 9) & byte_set(b"HMCWLThmcwlt")[first].astype(np.bool_)) | (
        (lengths == 11) & byte_set(b"HMhm")[first].astype(np.bool_)
    )
    document &= is_digit(tokens.octets[tokens.ends - 1])
    numbers = (lengths == 15) | ((lengths >= 13) & (lengths <= 14) & byte_set(b"08")[first].astype(np.bool_))
    return np.flatnonzero(document | (numbers & is_digit(first)))


@cache
def _mobile_codes() -> Places:
    return np.array(
        sorted(sum(length << _GROUP_BITS * at for at, length in enumerate(groups)) for groups in MOBILE_GROUPS),
    )


def at_groups(tokens: TokenArrays) -> Places:
    """Starts of tokens from which two to nine groups have together the length of a mobile, a card or an ID."""
    first, lengths = tokens.first, tokens.lengths
    linked = tokens.joined & byte_set(SEPARATORS)[tokens.following].astype(np.bool_)
    figure = is_digit(first)
    begins = linked & figure & (lengths < 18) & (first != 0x30)
    begins[:-1] &= figure[1:] | (lengths[:-1] + lengths[1:] >= 9)
    begin = at = np.flatnonzero(begins)
    total, numeric, hits = lengths[at], is_digit(tokens.octets[tokens.ends[at] - 1]), []
    code = total.copy()
    for count in range(1, MOST_GROUPS):
        at = at + 1
        total = total + lengths[at]
        numeric &= figure[at] & is_digit(tokens.octets[tokens.ends[at] - 1])
        one = first[begin] == 0x31
        hit = (total == 18) | (numeric & (total == 15)) | (numeric & ~one & (total >= 14) & (total <= 19))
        if count < 5:
            code += np.minimum(lengths[at], 31) << _GROUP_BITS * count
            hit |= (total == 11) & one & np.isin(code, _mobile_codes())
        hits.append(begin[hit])
        on = linked[at] & (total < 19) & (figure[at] | (total >= 9))
        begin, at, total, numeric, code = begin[on], at[on], total[on], numeric[on], code[on]
        if not len(at):
            break
    return tokens.starts[np.unique(np.concatenate(hits))]


def at_landline(tokens: TokenArrays) -> Places:
    """Starts of tokens that begin as an area code or the country code does."""
    first, lengths = tokens.first, tokens.lengths
    zero = (first == 0x30) & (lengths >= 3) & (lengths <= 12)
    country = ((first == 0x38) & (tokens.octets[tokens.starts + 1] == 0x36)) | (zero & (tokens.octets[tokens.starts + 2] == 0x38))
    begins = (zero | (country & (lengths != 3))) & is_digit(tokens.octets[tokens.ends - 1])
    begins[:-1] &= (lengths[:-1] >= 10) | ((tokens.starts[1:] - tokens.ends[:-1] <= 6) & is_digit(first[1:]))
    return tokens.starts[begins]


def at_coordinates(tokens: TokenArrays) -> Places:
    """Starts of decimal numbers with four places or more that another number may follow."""
    lengths = tokens.lengths
    whole = tokens.joined & (tokens.following == 0x2E) & (lengths <= 3) & is_digit(tokens.first)
    whole[-2:] = False
    whole[:-2] &= (lengths[1:-1] >= 4) & byte_set(b",; \xef")[tokens.following[1:-1]].astype(np.bool_)
    whole[:-2] &= (tokens.starts[2:] - tokens.ends[1:-1] <= 4) & is_digit(tokens.first[2:])
    return tokens.starts[whole]


def at_mac(tokens: TokenArrays) -> Places:
    """Starts of the first of six pairs."""
    paired = tokens.joined & (tokens.lengths == 2) & ((tokens.following == 0x3A) | (tokens.following == 0x2D))
    if np.count_nonzero(paired) < 5:
        return np.empty(0, np.int64)
    return tokens.starts[_runs_of(paired, 5)]


def _runs_of(flags: Bools, count: int) -> Places:
    """Indices from which ``count`` flags in a row are true."""
    summed = np.concatenate(([0], np.cumsum(flags)))
    return np.flatnonzero(summed[count:] - summed[:-count] == count)


def at_ipv6(tokens: TokenArrays) -> Places:
    """Starts of tokens that eight groups follow, or up to seven groups and a double colon."""
    short = tokens.lengths <= 4
    single = tokens.joined & (tokens.following == 0x3A) & short
    double = short & (tokens.following == 0x3A) & (tokens.octets[tokens.ends + 1] == 0x3A)
    begin = [_runs_of(single, 7)] if np.count_nonzero(single) >= 7 else []
    for last in np.flatnonzero(double):
        begin.append(np.arange(max(0, last - 7), last + 1))
    return tokens.starts[np.unique(np.concatenate(begin))] if begin else np.empty(0, np.int64)


def at_plate(tokens: TokenArrays) -> Places:
    """Places of a province character right before a token that begins with a letter."""
    lengths = tokens.lengths
    serial = ((lengths >= 5) & (lengths <= 7)) | (lengths == 1)
    at = tokens.starts[serial & (tokens.first >= 0x41)] - 3
    octets = tokens.octets
    code = octets[at].astype(np.int64) << 16 | octets[at + 1].astype(np.int64) << 8 | octets[at + 2]
    known = [int.from_bytes(province.encode()) for province in PLATE_PROVINCES]
    return at[np.isin(code, known)]


def at_email(tokens: TokenArrays) -> Places:
    """Places where the local part of each address begins, leading dots and hyphens included."""
    signs = np.flatnonzero(tokens.octets == 0x40)
    inside = byte_set(_EMAIL_LOCAL)[windows(tokens.octets, signs - _LONGEST_LOCAL, _LONGEST_LOCAL)]
    length = np.argmin(inside[:, ::-1], 1)  # 0 where nothing stands before, and where more does than may
    return (signs - length)[length > 0]
