"""Fold what people and forms do to identifiers, and remember where every byte came from.

Laws. Folding never adds an identifier that nobody wrote: it makes digits, letters and separators ASCII, drops what
has no width, and closes up what was spread out or spelled in Chinese numerals. Every span of the folded bytes maps to
the span of the original that it was made from (``Folded.origin``); bytes that are not UTF-8 pass as they are. Chinese
punctuation that ends a sentence stays: it separates labels. Where nothing matches ``CHARACTERS``, ``SEQUENCES`` or
``SPREAD`` nothing is folded: ``bulk`` folds only what holds one of them. Two steps, each an edit list: single
characters, then sequences, which may have become visible only through the first.

Called by: the engines, on each block. **Source:** Unicode 15.1, NFKC for the characters it folds; the sequences are
this product's own, from how numbers are written to pass filters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final, TypeAlias

from shouxin.detection.spelling import ENGLISH, ENTITY, ESCAPED, decoded, spelt_edits

__all__ = ["CHARACTERS", "SEQUENCES", "SPREAD", "Folded", "fold", "fold_characters"]

_Edit: TypeAlias = tuple[int, int, bytes]  # start, end (excluded), what stands there instead

_NUMERALS: Final = dict(
    zip("零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖洞拐勾貳參陸", b"0012345678912123456789079236", strict=True)
)
_NUMERAL: Final = "(?:" + "|".join(_NUMERALS) + ")"
_PAUSE: Final = "(?:[ -]|，|、|…)"  # in a number that is said
_THREE_NUMERALS: Final = rf"{_NUMERAL}(?:[0-9 -]|，|、){{0,4}}{_NUMERAL}(?:[0-9 -]|，|、){{0,4}}{_NUMERAL}"
_DOT: Final = "(?:·|•|‧|∙|・|●|~)"  # between digits
_WIDE: Final = "(?: {2,3}|--| -|- )"  # between groups of digits
_CROSS: Final = "(?:×|х|Х|Χ|χ|Ⅹ|ⅹ)"  # for an X
_TOP: Final = "(?:com|cn|net|org)"
_MAIL: Final = (  # providers of mailboxes: what stands before their names is '@', whatever it looks like
    "(?:qq|163|126|139|189|sina|sohu|foxmail|yeah|aliyun|tom|21cn|wo|gmail|outlook|hotmail|live|msn|yahoo|icloud)"
)
_IN_CIRCLES: Final = b"\x91\x92\x93\x9d\x9e"  # second bytes
_UNSPELT: Final = frozenset({"octets", "spelt", "comma", "point", "entity", "unicode", "escaped"})  # of groups
_KEPT_PUNCTUATION: Final = frozenset("！（），：；？")

# Byte expressions, in a dialect that both `re` and hyperscan read; the UTF-8 of every character that may be folded.
CHARACTERS: Final = (
    rb"\xef\xbc[\x82-\x87\x8a\x8b\x8d-\x99\x9c-\x9e\xa0-\xbf]"  # full-width, but for the kept punctuation
    rb"|\xef\xbd[\x80-\x9e]"
    rb"|\xef\xb8\x8f|\xe2\x83\xa3|\xef\xbb\xbf|\xef\xb9\xa3"  # parts of key-cap emoji; byte order mark; small hyphen
    rb"|\xe2\x80[\x80-\x95\xaa-\xaf]|\xe2\x81\xa0|\xe2\x88\x92|\xe3\x80\x80"  # widths, dashes, directions, spaces
    rb"|\xc2[\xa0\xad]|\xe2\x91[\xa0-\xa8]|\xf0\x9d\x9f[\x8e-\xbf]"  # no-break, soft hyphen; circled, mathematical
    rb"|\xe2\x93\xaa|\xe2\x9d[\xb6-\xbe]|\xd9[\xa0-\xa9]|\xdb[\xb0-\xb9]"  # circled nought, dark circles; Arabic-Indic
    rb"|\xe2\x91[\xb4-\xbc]|\xe2\x92[\x88-\x90]|\xe2\x9e[\x80-\x88\x8a-\x92]"  # in brackets, with a point, circled
)
SPREAD: Final = rb"[0-9](?:[ ._/*-] ?[0-9]){7}"  # apart, because `bulk` sees it in its tokens
SEQUENCES: Final = tuple(
    pattern.encode()
    for pattern in (
        _THREE_NUMERALS,
        r"[0-9] [-/] [0-9]",
        r"(?:[\[({<]|（) ?(?:[aA][tT]|[dD][oO][tT]|@) ?(?:[\])}>]|）)",
        r"%(?:40|3[Aa]|20|2[Bb])[0-9A-Za-z]",
        r"[0-9] \. [0-9]",
        r"[0-9A-Fa-f]：[0-9A-Fa-f]{1,4}：[0-9A-Fa-f]",
        rf"[0-9]{_DOT}[0-9]",
        rf"[0-9]{{3}}{_WIDE}[0-9]{{3}}",
        rf"[0-9]{_CROSS}",
        r"[0-9A-Za-z] ?@ [0-9A-Za-z-]{1,30} ?\. ?[A-Za-z]",
        rf"[0-9A-Za-z] \. {_TOP}",
        r"[0-9A-Za-z] [aA][tT] [0-9A-Za-z-]{1,30} [dD][oO][tT] [A-Za-z]",
        "艾特|小老鼠|圈[aA]",
        rf"[0-9A-Za-z]。{_TOP}",
        r"[0-9]。[0-9]{1,3}。[0-9]",
        # these begin with what is rare, so that a search is quick; they promise too much
        rf"点 ?{_TOP}",
        r"\[\.\]",
        r"\(\.\)",
        rf"[\[({{][aA][\])}}] ?{_MAIL} ?(?:\.|点)",
        rf"# ?{_MAIL}\.{_TOP}",
        rf" [aA][tT] {_MAIL}\.{_TOP}",
        rf" @{_MAIL}\.{_TOP}",
        rf"@{_MAIL}(?:，|, ?){_TOP}",
        rf"&{ENTITY};",
        r"\\u[0-9A-Fa-f]{4}",
        rf"%{ESCAPED}",
        rf"{_NUMERAL}(?:点){_NUMERAL}{{1,3}}(?:点){_NUMERAL}{{1,3}}(?:点){_NUMERAL}",
        rf"{ENGLISH}[ ,-]{{1,2}}{ENGLISH}[ ,-]{{1,2}}{ENGLISH}",
    )
)


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded bytes and their origin.

    ``places`` are where segments of ``data`` begin, ``origins`` where each of them began in the original, ``lengths``
    how long an edited segment was there (0: copied as it was). No segments: nothing was changed.
    """

    data: bytes
    places: tuple[int, ...] = ()
    origins: tuple[int, ...] = ()
    lengths: tuple[int, ...] = ()

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original from which ``data[start:end]`` (not empty) was made."""
        if not self.places:
            return start, end
        first = bisect_right(self.places, start) - 1
        last = bisect_right(self.places, end - 1) - 1
        begin = self.origins[first] + (0 if self.lengths[first] else start - self.places[first])
        length = self.lengths[last] or end - self.places[last]
        return begin, self.origins[last] + length


@cache
def _characters() -> re.Pattern[bytes]:
    return re.compile(CHARACTERS)


def _counting(data: bytes, start: int, end: int) -> bytes:
    """A separator for a number in a circle that counts the values of a list: ①10001②10002; else nothing."""
    if data[start] != 0xE2 or data[start + 1] not in _IN_CIRCLES or not data[end : end + 5].isdigit():
        return b""
    before = data[max(0, start - 5) : start]
    return (
        b"|"
        if (before[-5:].isdigit() and len(before) == 5) or (not before[-1:].isdigit() and before[-3:-2] != b"\xe2")
        else b""
    )


@cache
def _folded_character(raw: bytes) -> bytes:
    """What replaces one character; itself where it stays."""
    code = ord(raw.decode())
    if 0xFF01 <= code <= 0xFF5E:
        return raw if chr(code) in _KEPT_PUNCTUATION else chr(code - 0xFEE0).encode()
    if code in {0x3000, 0xA0, 0x202F} or 0x2000 <= code <= 0x200A:
        return b" "
    if 0x2010 <= code <= 0x2015 or code in {0x2212, 0xFE63}:
        return b"-"
    if code == 0x24EA or 0x2776 <= code <= 0x277E:
        return b"0" if code == 0x24EA else b"%d" % (code - 0x2775)
    if 0x660 <= code <= 0x669 or 0x6F0 <= code <= 0x6F9:
        return b"%d" % (code & 0xF)
    for first in (0x2460, 0x2474, 0x2488, 0x2780, 0x278A):
        if first <= code < first + 9:
            return b"%d" % (code - first + 1)
    if 0x1D7CE <= code <= 0x1D7FF:
        return b"%d" % ((code - 0x1D7CE) % 10)
    return b""


# What stands for a sequence of one of these names.
_PERCENT: Final[Mapping[bytes, bytes]] = MappingProxyType({b"%40": b"@", b"%3a": b":", b"%20": b" ", b"%2b": b"+"})
_SINGLE: Final[Mapping[str | None, bytes]] = MappingProxyType(
    {
        "hex": b":",
        "dotted": b"-",
        "cross": b"X",
        "sign": b"@",
        "stop": b".",
        "word": b".",
        "like": b"@",
        "apart": b"@",
    }
)


def _apply(data: bytes, edits: Iterable[_Edit]) -> Folded:
    """Carry out edits that are in order and apart."""
    pieces: list[bytes] = []
    places: list[int] = []
    origins: list[int] = []
    lengths: list[int] = []
    made = done = 0
    for start, end, new in edits:
        for piece, origin, length in ((data[done:start], done, 0), (new, start, end - start)):
            if piece:
                pieces.append(piece)
                places.append(made)
                origins.append(origin)
                lengths.append(length)
                made += len(piece)
        done = end
    if not done:
        return Folded(data)
    if rest := data[done:]:
        pieces.append(rest)
        places.append(made)
        origins.append(done)
        lengths.append(0)
    return Folded(b"".join(pieces), tuple(places), tuple(origins), tuple(lengths))


def fold_characters(data: bytes) -> Folded:
    """Fold single characters: full width to ASCII, odd spaces and dashes to plain ones, no width to nothing."""
    found = ((match.start(), match.end(), match.group()) for match in _characters().finditer(data))
    edits = ((start, end, _counting(data, start, end) or _folded_character(raw)) for start, end, raw in found)
    return _apply(data, (edit for edit in edits if edit[2] != data[edit[0] : edit[1]]))


@cache
def _sequences() -> re.Pattern[bytes]:
    # the look-ahead keeps plain digits out, which would be swallowed before the other alternatives see them
    numeral = rf"(?=[0-9 -]{{0,12}}{_NUMERAL})(?:(?:{_NUMERAL}|[0-9]){_PAUSE}{{0,2}}){{6,39}}(?:{_NUMERAL}|[0-9])"
    spread = (
        rf"(?<![0-9A-Za-z])[0-9](?:(?:[ ._/*-] ?|{_DOT})[0-9]){{9,25}}(?:(?:[ ._/*-] ?|{_DOT})[Xx])?(?![0-9A-Za-z])"
    )
    spread += r"|(?<![0-9A-Za-z])(?:[0-9] ){8}(?:[0-9A-Z] ){9}[0-9A-Z](?![0-9A-Za-z])"  # a credit code
    wide = rf"(?<![0-9A-Za-z])[0-9]{{3,6}}{_WIDE}[0-9]{{3,8}}(?:{_WIDE}[0-9]{{2,8}}){{1,4}}[Xx]?(?![0-9A-Za-z])"
    cross = rf"(?<=[0-9]{{17}}){_CROSS}"
    sign = r"(?<=[0-9A-Za-z])(?: ?@ (?=[0-9A-Za-z-]{1,30} ?\. ?[A-Za-z])| ?(?:艾特|小老鼠|圈[aA]) ?(?=[0-9A-Za-z]))"
    spoken = r"(?<=[0-9A-Za-z]) (?P<said>[aA][tT]) [0-9A-Za-z-]{1,30}(?P<then> [dD][oO][tT] )(?=[A-Za-z])"
    word = rf"(?<=[0-9A-Za-z])(?: ?点 ?(?={_TOP}(?![0-9A-Za-z]))|(?:\[\.\]|\(\.\))(?=[0-9A-Za-z]))"
    bracketed = rf" ?[\[({{][aA][\])}}] ?(?={_MAIL} ?(?:\.|点))"
    said = rf"(?<=[0-9_]) [aA][tT] (?={_MAIL}\.{_TOP})"  # behind a digit: 'meet at 163.com' is no address
    like = rf"(?<=[0-9A-Za-z])(?:{bracketed}| ?# ?(?={_MAIL}\.{_TOP}))|{said}"
    percent = r"(?<=[0-9A-Za-z])%(?:40|3[Aa]|20)(?=[0-9A-Za-z])|%2[Bb](?=[0-9])"
    stop = rf"(?<=[0-9A-Za-z]) \. (?={_TOP}(?![0-9A-Za-z]))|(?<=[0-9]) \. (?=[0-9])"
    stop += rf"|(?<=[0-9A-Za-z])。(?={_TOP}(?![0-9A-Za-z]))|(?<=[0-9])。(?=[0-9]{{1,3}}。[0-9])"
    stop += "".join(rf"|(?<=[0-9]。[0-9]{{{count}}})。(?=[0-9]{{1,3}}(?![0-9]))" for count in (1, 2, 3))
    spaced = r"(?<=[0-9]) (?P<bar>[-/]) (?=[0-9])"
    at = r" ?(?:[\[({<]|（) ?(?:(?P<at>[aA][tT]|@)|(?P<dot>[dD][oO][tT])) ?(?:[\])}>]|）) ?"
    colon = "|".join(  # of two at least: one alone is that of a label
        ["(?<=[0-9A-Fa-f])：(?=[0-9A-Fa-f]{1,4}：[0-9A-Fa-f])"]
        + [f"(?<=[0-9A-Fa-f]：[0-9A-Fa-f]{{{count}}})：(?=[0-9A-Fa-f])" for count in range(1, 5)]
    )
    dotted = rf"(?<=[0-9]){_DOT}(?=[0-9])"
    named = {"numeral": numeral, "spread": spread, "wide": wide, "spaced": spaced, "mark": at, "hex": colon}
    named |= {
        "dotted": dotted,
        "cross": cross,
        "sign": sign,
        "spoken": spoken,
        "stop": stop,
        "word": word,
        "like": like,
        "percent": percent,
    }
    english = rf"(?:(?:[Dd]ouble|[Tt]riple) )?{ENGLISH}"
    octet = f"{_NUMERAL}{{1,3}}"
    named = {"octets": f"{octet}(?:点){octet}(?:点){octet}(?:点){octet}", **named}
    named |= {
        "spelt": rf"(?<![A-Za-z]){english}(?:[ ,-]{{1,2}}{english}){{5,17}}(?![A-Za-z])",
        "entity": rf"&{ENTITY};",
        "unicode": r"\\u[0-9A-Fa-f]{4}",
        "escaped": rf"%{ESCAPED}",
        "comma": rf"@{_MAIL}(?P<point>，|, ?)(?={_TOP}(?![0-9A-Za-z]))",
        "apart": rf"(?<=[0-9A-Za-z_]) @(?={_MAIL}\.{_TOP})",
    }
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in named.items()).encode())


@cache
def _said() -> re.Pattern[bytes]:
    return re.compile(_THREE_NUMERALS.encode())


@cache
def _gaps() -> re.Pattern[bytes]:
    return re.compile(rb"[^0-9A-Za-z]+")


def _sequence_edits(match: re.Match[bytes]) -> Iterable[_Edit]:
    """The edits for one sequence; none for what is left alone."""
    start, end = match.span()
    if match["numeral"]:
        if _said().search(match["numeral"]):  # a number of one or two characters belongs to a sentence
            yield from _said_edits(match["numeral"], start)
    elif match["spread"]:
        yield from ((start + gap.start(), start + gap.end(), b"") for gap in _gaps().finditer(match.group()))
    elif match["wide"]:
        for gap in _gaps().finditer(match.group()):
            if len(gap.group()) > 1:
                yield start + gap.start(), start + gap.end(), b"-" if b"-" in gap.group() else b" "
    elif match["spoken"]:
        yield start, match.end("said") + 1, b"@"
        yield *match.span("then"), b"."
    elif match.lastgroup in _UNSPELT:
        yield from _unspelt_edits(match)
    else:
        sign = (match["at"] and b"@") or (match["dot"] and b".") or _PERCENT.get((match["percent"] or b"").lower())
        yield start, end, match["bar"] or sign or _SINGLE[match.lastgroup]


def _unspelt_edits(match: re.Match[bytes]) -> Iterable[_Edit]:
    """The edits for words that are said for digits and points, and for what was escaped."""
    start, end = match.span()
    if match["octets"]:
        for one in _octets().finditer(match["octets"]):
            yield start + one.start(), start + one.end(), bytes((_NUMERALS.get(one.group().decode(), 0x2E),))
    elif match["spelt"]:
        yield from ((start + first, start + last, new) for first, last, new in spelt_edits(match["spelt"].lower()))
    elif match["comma"]:
        yield *match.span("point"), b"."
    elif new := decoded(match.group()):
        yield start, end, new


@cache
def _octets() -> re.Pattern[bytes]:
    return re.compile(f"{_NUMERAL}|点".encode())


def _said_edits(said: bytes, start: int) -> Iterable[_Edit]:
    """The edits for a number that was said: its numerals; pauses after each digit go, a comma between groups is one."""
    pieces = list(_said_pieces().finditer(said))
    gaps = [one for one in pieces if one["gap"]]
    digits = len(pieces) - len(gaps)
    singly = len(gaps) == digits - 1 and all(gap.group() in b" -" for gap in gaps)
    grouped = digits >= 3 * len(gaps)
    for one in pieces:
        if numeral := one["numeral"]:
            yield start + one.start(), start + one.end(), bytes((_NUMERALS[numeral.decode()],))
        elif one["gap"] and (singly or (grouped and one["gap"] not in b" -")):
            yield start + one.start(), start + one.end(), b"" if singly else b"-"


@cache
def _said_pieces() -> re.Pattern[bytes]:
    return re.compile(f"(?P<numeral>{_NUMERAL})|(?P<gap>{_PAUSE}+)|[0-9]".encode())


def _fold_sequences(data: bytes) -> Folded:
    return _apply(data, (edit for match in _sequences().finditer(data) for edit in _sequence_edits(match)))


def _compose(first: Folded, second: Folded) -> Folded:
    """One map for two steps: segments of both, each with its origin in the first original."""
    if not second.places or not first.places:
        return second if second.places else first
    places: list[int] = []
    origins: list[int] = []
    lengths: list[int] = []
    ends = (*second.places[1:], len(second.data))
    for place, end, origin, length in zip(second.places, ends, second.origins, second.lengths, strict=True):
        if length:
            begin, finish = first.origin(origin, origin + length)
            places.append(place)
            origins.append(begin)
            lengths.append(finish - begin)
            continue
        # a copied segment falls apart at the segment borders of the first step
        at = bisect_right(first.places, origin) - 1
        while at < len(first.places) and first.places[at] < origin + (end - place):
            inside = max(origin, first.places[at])
            edited = first.lengths[at]
            places.append(place + inside - origin)
            origins.append(first.origins[at] + (0 if edited else inside - first.places[at]))
            lengths.append(edited)
            at += 1
    return Folded(second.data, tuple(places), tuple(origins), tuple(lengths))


def fold(data: bytes) -> Folded:
    """Fold characters, then sequences. Time is linear; ``data`` itself is returned where nothing was to be done."""
    first = fold_characters(data)
    return _compose(first, _fold_sequences(first.data))
