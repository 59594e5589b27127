"""Masks: what a reader sees of a value that they may recognise but not have.

Laws of this file.

1. *Shape or nothing.* A value that has not exactly the shape that its mask expects is masked completely: ``***``.
2. *No length.* Hidden text is a fixed number of stars, however long it was.
3. *Bounded.* A mask repeats at most ``REVEALS`` characters of the value, and something always stays hidden.
4. *Masks are read side by side.* None shows what another hides: the ID number not the birth date or the district, the
   mail domain not the employer.
5. *Deterministic.* The text depends on item and value alone.

Two known holes. A masked mobile leaves ten thousand candidates: enough against a glance, not against someone who may
ask the index one by one, which is why a look-up is a rate-limited disclosure. And ``none`` shows free text as it
stands, also where somebody wrote a number into it: finding that is detection's affair.

Called by: the door, on the way out of a masked disclosure.
**Source:** common practice in China, mostly hiding more. JR/T 0171-2020 annex A (informative: masking of name, ID,
mobile, card) could not be read (law.md ST-7), so nothing here claims to follow it. PIPL 51(3) asks for
de-identification as a measure and names no pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from shouxin.domain.items import ItemCode, taxonomy
from shouxin.domain.plaintext import Plaintext
from shouxin.protection.regions import PREFECTURES, region_of

__all__ = ["COMPLETE", "REVEALS", "Masked", "mask"]

COMPLETE: Final = "***"
_HIDDEN: Final = "****"

_MOBILE: Final = re.compile(r"(?:(?:\+|00)?86[ -]?)?(1[3-9][0-9])[ -]?[0-9]{4}[ -]?([0-9]{4})")
_LANDLINE: Final = re.compile(r"0[1-9][0-9]{1,2}[ -]?[0-9]{3,4}([0-9]{4})")
_CARD: Final = re.compile(r"[0-9](?:[ -]?[0-9]){11,31}")
_NUMBER: Final = re.compile(r"([0-9A-Za-z])[0-9A-Za-z-]{6,62}([0-9A-Za-z])")
_MAIL: Final = re.compile(r"([0-9A-Za-z])[0-9A-Za-z._%+-]{2,63}@([0-9A-Za-z.-]{1,253})")
_DAY: Final = re.compile(
    r"(?P<y>[12][0-9]{3})(?:(?P<m>[01][0-9])(?P<d>[0-3][0-9])|([-/.])(?P<m2>[01]?[0-9])\4(?P<d2>[0-3]?[0-9])"
    r"|年(?P<m3>[01]?[0-9])月(?P<d3>[0-3]?[0-9])日)(?:[T ][0-9:.]{5,15}(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_SUM: Final = re.compile(r"-?(?:[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:\.[0-9]{1,6})?")
# Han characters of every plane, and 〇; a name of the Uyghurs or Tibetans has a dot in it.
_HAN: Final = "〇㐀-䶿一-鿿豈-﫿\U00020000-\U000323af"
_NAME: Final = re.compile(f"([{_HAN}])[{_HAN}·•]{{1,29}}")

# Where anybody has an address; the last are of RFC 2606 and 6761. Any other domain may name an employer or a person.
_OPEN_DOMAINS: Final = frozenset(
    """126.com 139.com 163.com 189.cn aliyun.com foxmail.com gmail.com hotmail.com icloud.com live.com outlook.com
    qq.com sina.cn sina.com sohu.com tom.com vip.163.com vip.qq.com vip.sina.com wo.cn yahoo.com yeah.net
    example.com example.net example.org mail.test post.test""".split()
)
# Lower edges of the bands, wide enough to place a person and too wide to recognise a payment by.
_BANDS: Final = (
    (1_000_000, ">=1M"),
    (500_000, "500k-1M"),
    (100_000, "100k-500k"),
    (50_000, "50k-100k"),
    (10_000, "10k-50k"),
    (5_000, "5k-10k"),
    (1_000, "1k-5k"),
)
_LOWEST_BAND: Final = "<1k"
_REST_OF_AN_ADDRESS: Final = 4  # characters that must stay hidden


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that is safe to show, and the mask that made it: ``text`` if the value had not the expected shape."""

    text: str
    mask: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """``apply`` answers ``None`` to a value of another shape; ``reveals`` as in ``REVEALS``."""

    apply: Callable[[str], str | None]
    reveals: int | None


def mask(item: ItemCode, value: Plaintext) -> Masked:
    """Mask ``value`` by the default mask of ``item``; no value makes it raise.

    Raises:
        Invalid: the taxonomy has no such item.
    """
    name = taxonomy().item(item).default_mask
    if name == "text":
        return Masked(COMPLETE, name)  # a video is not decoded in order to be hidden
    try:
        text = _RULES[name].apply(value.text())
    except UnicodeDecodeError:
        text = None
    return Masked(COMPLETE, "text") if text is None else Masked(text, name)


def _address(text: str) -> str | None:
    """广东省深圳市****: province and prefecture, which say where a person is served and single out nobody.

    Only names of the closed list, and only in front of a rest that stays hidden; else the province, else nothing.
    """
    province, prefecture = region_of(text)
    for shown in (province + prefecture, province):
        if shown and len(text) - len(shown) >= _REST_OF_AN_ADDRESS:
            return shown + _HIDDEN
    return None


def _amount(text: str) -> str | None:
    """10k-50k: the band, lower edge included; negative sums share the lowest, so that a debt does not stand out.

    The unit is whatever the item's is; a sum with a word or a currency in it has another shape.
    """
    if not _SUM.fullmatch(text):
        return None
    value = Decimal(text.replace(",", ""))
    return next((band for edge, band in _BANDS if value >= edge), _LOWEST_BAND)


def _card(text: str) -> str | None:
    """****1234: the last four of 12-32 digits, which is how people tell their cards apart.

    The first six, which practice often shows, name bank and product and are not needed for that.
    **Source:** PCI DSS 4.0, 3.4.1 allows at most the BIN and the last four (from memory).
    """
    if not _CARD.fullmatch(text):
        return None
    return _HIDDEN + text.replace(" ", "").replace("-", "")[-4:]


def _date(text: str) -> str | None:
    """1990-**-**: the year of a real day, with or without a time. Ranges and months (12/27) have another shape."""
    found = _DAY.fullmatch(text)
    if not found:
        return None
    month, day = (next(filter(None, found.group(key, f"{key}2", f"{key}3"))) for key in "md")
    try:
        date(int(found["y"]), int(month), int(day))
    except ValueError:
        return None
    return f"{found['y']}-**-**"


def _email(text: str) -> str | None:
    """z****@qq.com: the first letter, and the domain if anybody may have an address there, else ``z****@****``.

    The employer is an item with a mask of its own (``text``): a company's domain must not tell it.
    """
    found = _MAIL.fullmatch(text)
    if not found:
        return None
    domain = found[2].lower()
    return f"{found[1]}{_HIDDEN}@{domain if domain in _OPEN_DOMAINS else _HIDDEN}"


def _id_number(text: str) -> str | None:
    """1****X: first and last of 8-64 letters, digits and hyphens; also for passports, contracts, devices.

    The six and four that are often kept leave the birth date alone hidden: once its year stands beside them, and the
    check character rules out ten of eleven days, 33 candidates are left. One and one leave more than a hundred thousand
    even beside year, sex and prefecture.
    """
    found = _NUMBER.fullmatch(text)
    return found and found[1] + _HIDDEN + found[2]


def _mobile(text: str) -> str | None:
    """138****5678: three and four of a mainland mobile, the form that people know; +86, 0086 and separators go.

    A landline with its area code shows its last four alone: few numbers share an area code and four digits.
    """
    if found := _MOBILE.fullmatch(text):
        return found[1] + _HIDDEN + found[2]
    landline = _LANDLINE.fullmatch(text)
    return landline and _HIDDEN + landline[1]


def _name(text: str) -> str | None:
    """张*: the first of 2-30 Han characters and one star, whether one or twenty follow.

    A compound surname shows its first character too (欧*): it is rare, and shown whole it would tell much more than 张.
    Names in other scripts are masked completely; so is a single character.
    """
    found = _NAME.fullmatch(text)
    return found and f"{found[1]}*"


def _none(text: str) -> str | None:
    """The value as it stands; line breaks and tabs pass, what else a screen or a log would obey is no shape."""
    return text if text.replace("\n", "").replace("\t", "").isprintable() else None


def _text(_: str) -> None:
    """Nothing but that there is a value."""


_RULES: Final[Mapping[str, _Rule]] = MappingProxyType(
    {
        "address": _Rule(_address, max(len(p + q) for p, names in PREFECTURES.items() for q in (*names, ""))),
        "amount": _Rule(_amount, 0),  # the digits of a band are those of its edges
        "card": _Rule(_card, 4),
        "date": _Rule(_date, 4),
        "email": _Rule(_email, 2 + max(map(len, _OPEN_DOMAINS))),
        "id_number": _Rule(_id_number, 2),
        "mobile": _Rule(_mobile, 7),
        "name": _Rule(_name, 1),
        "none": _Rule(_none, None),
        "text": _Rule(_text, 0),
    }
)
# The most characters of the value that each mask repeats; None: all of them.
REVEALS: Final[Mapping[str, int | None]] = MappingProxyType({name: rule.reveals for name, rule in _RULES.items()})
