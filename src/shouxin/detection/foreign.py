"""Recognisers of others beside our own: whatever answers like one of Presidio's, behind the same ``Finder``.

Laws. Our findings win where both say something of the same bytes; kinds that nobody here grades are left out. What
another recogniser is sure of (score 1: its check digit was right) counts as checked, what it believes as the word of a
model. Nothing is imported from anywhere: the port is the method that Presidio's ``EntityRecognizer`` has.

Called by: whoever wants English or own kinds in a scan; ``connectors.presidio`` builds Presidio's.
**Source:** the entity names are those of Presidio 2.2 (supported entities); others may use them too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

from shouxin.detection.finding import CHECKSUM, MODEL, ORDINAL, SHAPE, FindingKind, Findings, Row
from shouxin.detection.overlap import settled
from shouxin.detection.scan import Finder

__all__ = ["KIND_OF_ENTITY", "OtherRecogniser", "Recognised", "with_recognisers"]

_NATIONAL: Final = (
    "US_SSN US_ITIN US_DRIVER_LICENSE UK_NINO ES_NIF ES_NIE IT_FISCAL_CODE IT_IDENTITY_CARD IT_DRIVER_LICENSE PL_PESEL "
    "SG_NRIC_FIN AU_TFN AU_MEDICARE IN_AADHAAR IN_PAN IN_VOTER FI_PERSONAL_IDENTITY_CODE KR_RRN TH_TNIN"
).split()
KIND_OF_ENTITY: Final[Mapping[str, FindingKind]] = MappingProxyType(
    {
        **dict.fromkeys(_NATIONAL, FindingKind.NATIONAL_ID),
        "CREDIT_CARD": FindingKind.BANK_CARD,
        "EMAIL_ADDRESS": FindingKind.EMAIL,
        "IBAN_CODE": FindingKind.BANK_ACCOUNT,
        "US_BANK_NUMBER": FindingKind.BANK_ACCOUNT,
        "IP_ADDRESS": FindingKind.IPV4,
        "MAC_ADDRESS": FindingKind.MAC,
        "PHONE_NUMBER": FindingKind.LANDLINE,
        "US_PASSPORT": FindingKind.PASSPORT,
        "IN_PASSPORT": FindingKind.PASSPORT,
        "IT_PASSPORT": FindingKind.PASSPORT,
        "PERSON": FindingKind.PERSON_NAME,
        "LOCATION": FindingKind.PLACE,
        "IN_VEHICLE_REGISTRATION": FindingKind.LICENCE_PLATE,
    }
)
_SURE: Final = 1.0
_LEAST: Final = 0.3  # below it Presidio itself says nothing by default when there is no context


class Recognised(Protocol):
    """What a recogniser says; ``start`` and ``end`` count characters, ``score`` is 0-1."""

    @property
    def entity_type(self) -> str:
        """What it is."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""

    @property
    def score(self) -> float:
        """How sure it is."""


class OtherRecogniser(Protocol):
    """What is asked of a recogniser: the method of Presidio's ``EntityRecognizer``."""

    @property
    def supported_entities(self) -> list[str]:
        """Return what it looks for."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: None) -> Sequence[Recognised] | None:
        """Return what it finds; ``nlp_artifacts`` may be ``None`` for recognisers by pattern."""


def _rows(text: str, recognisers: Sequence[OtherRecogniser]) -> list[tuple[int, int, int, int]]:
    found: list[Row] = []
    for one in recognisers:
        wanted = [name for name in one.supported_entities if name in KIND_OF_ENTITY]
        for said in (one.analyze(text, wanted, None) if wanted else None) or ():
            kind = KIND_OF_ENTITY.get(said.entity_type)
            if kind is None or said.score < _LEAST or not 0 <= said.start < said.end <= len(text):
                continue
            if kind is FindingKind.IPV4 and ":" in text[said.start : said.end]:
                kind = FindingKind.IPV6
            evidence = SHAPE | (CHECKSUM if said.score >= _SURE else MODEL)
            found.append((ORDINAL[kind], said.start, said.end, evidence))
    return settled(found)


def with_recognisers(own: Finder, recognisers: Sequence[OtherRecogniser]) -> Finder:
    """Return an engine that finds what ``own`` finds, and beside it what ``recognisers`` find.

    As slow as they are. A text that is no UTF-8 is given to them with the broken bytes replaced.
    """

    def find(block: bytes) -> Findings:
        text = block.decode("utf-8", "surrogateescape")
        mine = list(own(block).rows())
        taken = bytearray(len(block))
        for _, start, end, _ in mine:
            taken[start:end] = b"\1" * (end - start)
        others, chars, at = [], 0, 0
        for kind, start, end, evidence in _rows(text.encode("utf-8", "replace").decode(), recognisers):
            at += len(text[chars:start].encode("utf-8", "surrogateescape"))
            chars, begin = start, at
            last = begin + len(text[start:end].encode("utf-8", "surrogateescape"))
            if not any(taken[begin:last]):
                others.append((kind, begin, last, evidence))
        return Findings.of(sorted([*mine, *others], key=lambda row: row[1]))

    return find
