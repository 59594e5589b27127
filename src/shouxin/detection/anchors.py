"""Where among the tokens of a block a rule is worth trying: conditions that every match fulfils, over arrays.

Laws. An anchor may lead to nothing; a match without its anchor would be a loss, and the property test that compares
the engines would show it. Each function returns places in the padded block at which the scalar rule is tried.

Called by: ``bulk``.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from shouxin.detection.contact import MOBILE_GROUPS, ODD_GROUPS
from shouxin.detection.patterns import PLATE_PROVINCES
from shouxin.detection.token_arrays import (
    Bools,
    Octets,
    Places,
    TokenArrays,
    among,
    in_a_row,
    is_digit,
    is_one_of,
    windows,
)
from shouxin.detection.tokens import MOST_GROUPS, SEPARATORS

__all__ = [
    "at_coordinates",
    "at_degrees",
    "at_email",
    "at_groups",
    "at_ipv6",
    "at_landline",
    "at_mac",
    "at_odd_tokens",
    "at_plate",
]

_EMAIL_LOCAL = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._%+-"
_LONGEST_LOCAL, _USUAL_LOCAL = 68, 24
_GROUP_BITS = 5


def _is_upper(octets: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Bools:
    return (octets - np.uint8(0x41)) < 26


def at_odd_tokens(tokens: TokenArrays) -> Places:
    """Indices of tokens for ``rows_of_token`` that no array rule decides: permits, old IDs, stuck codes."""
    length = tokens.sizes
    at = np.flatnonzero(((length >= 13) & (length <= 15)) | (length == 9) | (length == 11))
    length, at = length[at], tokens.long[at]
    first = tokens.first[at]
    document = ((length == 9) & among(first, b"HMCWLThmcwlt")) | ((length == 11) & among(first, b"HMhm"))
    number = (length >= 13) & is_digit(first) & ((length == 15) | (first == 0x30) | (first == 0x38))
    odd: Places = at[(document & is_digit(tokens.octets[tokens.ends[at] - 1])) | number]
    return odd


@cache
def _mobile_codes(*, odd: bool) -> Places:
    many = ODD_GROUPS if odd else MOBILE_GROUPS
    return np.array(sorted(sum(length << _GROUP_BITS * at for at, length in enumerate(groups)) for groups in many))


def _reach(linked: Bools, lengths: Octets) -> Octets:
    """How long each token is with those linked to it, up to ``MOST_GROUPS``; no token counts for more than 20."""
    lengths = np.minimum(lengths, 20)
    reach, on, size = lengths.copy(), linked.view(np.uint8).copy(), 1
    while 2 * size < MOST_GROUPS:  # of one, two, four, eight tokens
        reach[:-size] += on[:-size] * reach[size:]
        on[:-size] &= on[size:]
        size *= 2
    reach[:-size] += on[:-size] * lengths[size:]
    return reach


def _numeric(tokens: TokenArrays, begin: Places, count: int) -> Places:
    """Those of the tokens that end, like the next ``count`` of them, with a digit."""
    for more in range(count + 1):
        begin = begin[is_digit(tokens.octets[tokens.ends[begin + more] - 1])]
    return begin


def at_groups(tokens: TokenArrays) -> Places:
    """Starts of tokens from which two to nine groups have together the length of a mobile, a card or an ID."""
    first, lengths = tokens.first, tokens.lengths
    linked = tokens.joined & among(tokens.following, SEPARATORS)
    figure = is_digit(first)
    begins = linked & figure & (lengths < 18) & (first != 0x30)
    begins[:-1] &= figure[1:] | (lengths[:-1] >= 5)
    begins &= _reach(linked, lengths) >= 11
    begin: Places = np.flatnonzero(begins)
    total = np.minimum(lengths[begin], 20)  # bytes, as the lengths are: more than 20 is too much anyway
    code, hits = total.astype(np.int32), [begin[:0]]
    for count in range(1, MOST_GROUPS):
        at = begin + count
        length = np.minimum(lengths[at], 20)
        total = total + length
        on = np.flatnonzero((total <= 19) & (figure[at] | (total >= 9)) & (linked[at] | (total >= 11)))
        begin, total, at = begin[on], total[on], at[on]
        if not len(at):
            break
        code = code[on] + (length[on].astype(np.int32) << _GROUP_BITS * min(count, 5))
        leads = first[begin]
        one = leads == 0x31
        hits.append(begin[total == 18])
        hit = (total == 15) | (~one & (total >= 14) & (total != 18)) | ((total == 13) & (leads == 0x38))
        hits.append(_numeric(tokens, begin[hit], count))
        spoken = np.flatnonzero((total == 11) & one)
        if len(spoken):
            codes = code[spoken].astype(np.int64)
            usual, odd = (is_one_of(codes, _mobile_codes(odd=rare)) for rare in (False, True))
            odd &= among(tokens.following[begin[spoken]], b" -")  # not rows of figures, nor addresses with points
            hits.append(_numeric(tokens, begin[spoken[usual | odd]], count))
        on = np.flatnonzero(linked[at] & (total < 19))
        begin, total, code = begin[on], total[on], code[on]
    found: Places = tokens.starts[np.unique(np.concatenate(hits))]
    return found


def at_landline(tokens: TokenArrays) -> Places:
    """Indices of tokens that begin as an area code or the country code does."""
    first, lengths = tokens.first, tokens.lengths
    figure = is_digit(first)
    zero = (first == 0x30) & (lengths >= 3) & (lengths <= 12)
    at = np.flatnonzero(zero | ((first == 0x38) & (lengths != 3)))
    second, third = tokens.octets[tokens.starts[at] + 1], tokens.octets[tokens.starts[at] + 2]
    at = at[(zero[at] & ((lengths[at] >= 10) | (second != 0x30) | (third == 0x38))) | (~zero[at] & (second == 0x36))]
    after = np.minimum(at + 1, len(first) - 1)
    near = (tokens.starts[after] - tokens.ends[at] <= 6) & figure[after]
    at = at[((lengths[at] >= 10) | near) & is_digit(tokens.octets[tokens.ends[at] - 1])]
    before = tokens.starts[at] - 1
    found: Places = at[(tokens.octets[before] != 0x2E) | ~is_digit(tokens.octets[before - 1])]  # no decimals
    return found


def at_coordinates(tokens: TokenArrays) -> Places:
    """Indices of tokens that begin decimal numbers with four places or more that another number may follow."""
    lengths = tokens.lengths
    whole = tokens.joined & (tokens.following == 0x2E) & (lengths <= 3) & is_digit(tokens.first)
    at = np.flatnonzero(whole[:-2] & (lengths[1:-1] >= 4))
    first = tokens.first[at + 2]
    near = is_digit(first) | ((lengths[at + 2] == 1) & among(first, b"NSEWnsew"))
    near &= tokens.starts[at + 2] - tokens.ends[at + 1] <= 4
    found: Places = at[near & among(tokens.following[at + 1], b",; %\xef\xc2/|\t")]
    return found


def at_degrees(tokens: TokenArrays) -> Places:
    """Starts of numbers that a degree sign follows."""
    following = tokens.following
    at = np.flatnonzero((following == 0xC2) & is_digit(tokens.first))
    at = at[tokens.octets[tokens.ends[at] + 1] == 0xB0]
    before = np.maximum(at - 1, 0)
    decimal = (at > 0) & tokens.joined[before] & (following[before] == 0x2E)
    found: Places = tokens.starts[np.where(decimal, before, at)]
    return found


def at_mac(tokens: TokenArrays) -> Places:
    """Starts of the first of six pairs."""
    paired = tokens.joined & (tokens.lengths == 2) & ((tokens.following == 0x3A) | (tokens.following == 0x2D))
    return tokens.starts[: max(0, len(paired) - 4)][in_a_row(paired, 5)]


def at_ipv6(tokens: TokenArrays) -> Places:
    """Starts of tokens that eight groups follow, or up to seven groups and a double colon."""
    short = tokens.lengths <= 4
    colon = (tokens.following == 0x3A) & short
    single = tokens.joined & colon
    twice = np.flatnonzero(colon & ~tokens.joined)
    twice = twice[tokens.octets[tokens.ends[twice] + 1] == 0x3A]
    begins = np.zeros(len(short), np.bool_)
    begins[twice] = True
    for _ in range(7 if len(twice) else 0):
        begins[:-1] |= begins[1:]
    begins[: max(0, len(begins) - 6)] |= in_a_row(single, 7)
    found: Places = tokens.starts[np.flatnonzero(begins)]
    return found


@cache
def _provinces() -> Places:
    return np.array(sorted(int.from_bytes(province.encode()) for province in PLATE_PROVINCES))


def at_plate(tokens: TokenArrays) -> Places:
    """Indices of tokens that begin with a letter right behind a province character, which has three bytes."""
    lengths = tokens.lengths
    serial = ((lengths >= 5) & (lengths <= 7)) | (lengths == 1)
    serial[1:] &= ~tokens.joined[:-1]
    token, octets = np.flatnonzero(serial & (tokens.first >= 0x41)), tokens.octets
    token = token[octets[tokens.starts[token] - 1] >= 0x80]
    token = token[octets[tokens.starts[token] - 3] >= 0xE4]
    at = tokens.starts[token] - 3
    code = octets[at].astype(np.int64) << 16 | octets[at + 1].astype(np.int64) << 8 | octets[at + 2]
    found: Places = token[is_one_of(code, _provinces())]
    return found


def _local_length(tokens: TokenArrays, signs: Places, most: int) -> Places:
    """How many bytes before each sign may be of a local part; 0 where there is none, and where all of ``most`` are."""
    inside = among(windows(tokens.octets, signs - most, most), _EMAIL_LOCAL)
    length: Places = np.argmin(inside[:, ::-1], 1)
    return length


def at_email(tokens: TokenArrays) -> tuple[Places, Places]:
    """Places where the local part of each address begins, leading dots and hyphens included; and their signs."""
    sign = tokens.octets == 0x40
    signs = tokens.ends[np.flatnonzero(tokens.following == 0x40)]
    if len(signs) < np.count_nonzero(sign):
        signs = np.flatnonzero(sign)
    length = _local_length(tokens, signs, _USUAL_LOCAL)
    long = np.flatnonzero((length == 0) & among(tokens.octets[signs - 1], _EMAIL_LOCAL))
    length[long] = _local_length(tokens, signs[long], _LONGEST_LOCAL)
    signs, length = signs[length > 0], length[length > 0]
    return signs - length, signs
