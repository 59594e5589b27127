"""What a detector says: here stands something of this kind, and this is why it is believed.

Laws. A finding holds places and evidence, never the text that it points at. Its score is a rank, not a probability:
each piece of evidence leaves a part of the doubt, and the score is one minus what is left (``score_of``). Findings in
bulk are columns (``Findings``), because a log yields millions; a ``Finding`` is made when somebody looks at it.

Called by: every detector, ``scan`` and ``columns``; grading goes through ``shouxin.domain.items``.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final, TypeAlias

from shouxin.domain.items import ItemCode

__all__ = [
    "BY_MODEL",
    "CHECKSUM",
    "CONTEXT",
    "DICTIONARY",
    "EVIDENCE",
    "ITEM_OF",
    "KINDS",
    "MODEL",
    "NAMES",
    "ORDINAL",
    "RULES",
    "SHAPE",
    "Finding",
    "FindingKind",
    "Findings",
    "Row",
    "score_of",
    "score_table",
]

RULES: Final = "2026.7"  # of every rule in this folder; changed whenever one of them may answer differently
NAMES: Final = "names-2026.2"  # of the model of names and places with its rules; the same

SHAPE: Final = 1  # bits of evidence
CHECKSUM: Final = 2
DICTIONARY: Final = 4
CONTEXT: Final = 8
MODEL: Final = 16
EVIDENCE: Final[Mapping[int, str]] = MappingProxyType(
    {SHAPE: "shape", CHECKSUM: "checksum", DICTIONARY: "dictionary", CONTEXT: "context", MODEL: "model"},
)

Row: TypeAlias = tuple[int, int, int, int]  # ordinal of the kind, start, end, evidence


class FindingKind(StrEnum):
    """What was recognised. The order is that of ``KINDS``; new kinds go to the end, because rows hold ordinals."""

    RESIDENT_ID = "resident_id"
    RESIDENT_ID_15 = "resident_id_15"
    PASSPORT = "passport"
    TRAVEL_PERMIT = "travel_permit"
    MILITARY_ID = "military_id"
    CREDIT_CODE = "credit_code"
    MOBILE = "mobile"
    LANDLINE = "landline"
    EMAIL = "email"
    WECHAT = "wechat"
    QQ = "qq"
    BANK_CARD = "bank_card"
    BANK_ACCOUNT = "bank_account"
    CARD_EXPIRY = "card_expiry"
    CARD_CVN = "card_cvn"
    AMOUNT = "amount"
    LICENCE_PLATE = "licence_plate"
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    MAC = "mac"
    IMEI = "imei"
    COORDINATES = "coordinates"
    BIRTH_DATE = "birth_date"
    PASSWORD = "password"  # noqa: S105 - the kind, not a password
    SMS_CODE = "sms_code"
    SECRET_KEY = "secret_key"  # noqa: S105 - the kind, not a key
    PERSON_NAME = "person_name"
    HANDLE = "handle"
    PLACE = "place"
    ADDRESS = "address"
    NATIONAL_ID = "national_id"
    ORGANISATION = "organisation"


KINDS: Final = tuple(FindingKind)
ORDINAL: Final[Mapping[FindingKind, int]] = MappingProxyType({kind: place for place, kind in enumerate(KINDS)})

# What only the model of names and its rules find: an engine without them says nothing about it.
BY_MODEL: Final = frozenset(
    (FindingKind.PERSON_NAME, FindingKind.HANDLE, FindingKind.PLACE, FindingKind.ADDRESS, FindingKind.ORGANISATION)
)

# kind -> (item of the taxonomy, how far the shape alone is to be believed). A credit code names an organisation: a
# sole trader's is as good as the person, hence the item of the employer. A key opens what a password opens.
_KNOWN: Final[Mapping[FindingKind, tuple[str, float]]] = MappingProxyType(
    {
        FindingKind.RESIDENT_ID: ("identity.id_number", 0.5),
        FindingKind.RESIDENT_ID_15: ("identity.id_number", 0.3),
        FindingKind.PASSPORT: ("identity.passport_number", 0.5),
        FindingKind.TRAVEL_PERMIT: ("identity.id_number", 0.3),
        FindingKind.MILITARY_ID: ("identity.id_number", 0.6),
        FindingKind.CREDIT_CODE: ("employment.employer", 0.4),
        FindingKind.MOBILE: ("contact.mobile", 0.8),
        FindingKind.LANDLINE: ("contact.telephone", 0.5),
        FindingKind.EMAIL: ("contact.email", 0.95),
        FindingKind.WECHAT: ("contact.wechat", 0.6),
        FindingKind.QQ: ("contact.wechat", 0.6),
        FindingKind.BANK_CARD: ("account.card_number", 0.3),
        FindingKind.BANK_ACCOUNT: ("account.number", 0.3),
        FindingKind.CARD_EXPIRY: ("account.card_expiry", 0.5),
        FindingKind.CARD_CVN: ("account.card_cvn", 0.6),
        FindingKind.AMOUNT: ("transaction.amount", 0.3),
        FindingKind.LICENCE_PLATE: ("property.vehicle", 0.7),
        FindingKind.IPV4: ("device.ip", 0.8),
        FindingKind.IPV6: ("device.ip", 0.9),
        FindingKind.MAC: ("device.mac", 0.9),
        FindingKind.IMEI: ("device.id", 0.0),
        FindingKind.COORDINATES: ("location.gps", 0.7),
        FindingKind.BIRTH_DATE: ("identity.birth_date", 0.7),
        FindingKind.PASSWORD: ("authentication.password", 0.6),
        FindingKind.SMS_CODE: ("authentication.sms_code", 0.6),
        FindingKind.SECRET_KEY: ("authentication.password", 0.9),
        FindingKind.PERSON_NAME: ("identity.name", 0.3),
        FindingKind.HANDLE: ("contact.wechat", 0.4),
        FindingKind.PLACE: ("location.city", 0.2),
        FindingKind.ADDRESS: ("contact.address", 0.4),
        FindingKind.NATIONAL_ID: ("identity.id_number", 0.5),
        FindingKind.ORGANISATION: ("employment.employer", 0.4),
    },
)
ITEM_OF: Final[Mapping[FindingKind, ItemCode]] = MappingProxyType(
    {kind: ItemCode(item) for kind, (item, _) in _KNOWN.items()},
)
_MOST: Final = 0.99
_DOUBT_LEFT: Final[Mapping[int, float]] = MappingProxyType({CHECKSUM: 0.15, DICTIONARY: 0.5, CONTEXT: 0.4, MODEL: 0.5})


@dataclass(frozen=True, slots=True)
class Finding:
    """A place where personal information was detected.

    ``start`` and ``end`` (excluded) count characters if the scanned value was text and bytes if it was bytes, in what
    the caller gave, not in its normalised form. ``score`` is 0-1, ``evidence`` names from ``EVIDENCE`` in their order,
    ``rules`` the version of the rules, or of the model, that decided.
    """

    kind: FindingKind
    item: ItemCode
    start: int
    end: int
    score: float
    evidence: tuple[str, ...]
    rules: str = RULES


def score_of(kind: FindingKind, evidence: int) -> float:
    """Return the score (0-1, two decimals) of evidence bits: what is not left of the doubt."""
    doubt = 1 - _KNOWN[kind][1]
    for bit, left in _DOUBT_LEFT.items():
        if evidence & bit:
            doubt *= left
    return min(_MOST, round(1 - doubt, 2))


@cache
def score_table() -> tuple[tuple[float, ...], ...]:
    """Return the score of every kind (by ordinal) and evidence (0-31): what the overlap resolution looks up."""
    return tuple(tuple(score_of(kind, bits) for bits in range(2 * MODEL)) for kind in KINDS)


@cache
def _evidence_names(bits: int) -> tuple[str, ...]:
    return tuple(name for bit, name in EVIDENCE.items() if bits & bit)


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings in columns, ordered by ``starts``; none overlaps another. Iterating makes each a ``Finding``.

    The columns have one length. ``kinds`` are ordinals of ``KINDS``, ``evidence`` bits, ``starts`` and ``ends`` count
    from ``base``; all are 64-bit integers, so that numpy reads them without a copy.
    """

    kinds: memoryview[int]
    starts: memoryview[int]
    ends: memoryview[int]
    evidence: memoryview[int]
    base: int = 0

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Findings:
        """Make columns of rows that are in order already."""
        kinds, starts, ends, evidence = zip(*rows, strict=True) if (rows := list(rows)) else ((), (), (), ())
        views = [memoryview(array("q", column)) for column in (kinds, starts, ends, evidence)]
        return cls(views[0], views[1], views[2], views[3])

    def rows(self) -> Iterator[Row]:
        """Each finding as a row, with absolute places."""
        base = self.base
        for kind, start, end, bits in zip(self.kinds, self.starts, self.ends, self.evidence, strict=True):
            yield kind, start + base, end + base, bits

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[Finding]:
        scores = score_table()
        for ordinal, start, end, bits in self.rows():
            kind = KINDS[ordinal]
            rules = NAMES if kind in BY_MODEL else RULES
            yield Finding(kind, ITEM_OF[kind], start, end, scores[ordinal][bits], _evidence_names(bits), rules)
