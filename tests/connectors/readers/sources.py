"""A folder with files of every format, and what a scan makes of one; for the tests of readers."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Final

from shouxin.connectors.readers.files import FolderFiles
from shouxin.detection.checksums import id_number_check_character, luhn_check_digit
from shouxin.detection.survey.evidence import PlaceEvidence, ScanReport
from shouxin.detection.survey.grading import judge_place
from shouxin.detection.survey.reading import Sampling
from shouxin.domain.clock import Instant
from shouxin.operations.scanning.scan_source import scan_source

RNG = random.Random(17)
MOBILES: Final = [f"154{RNG.randrange(10**8):08}" for _ in range(400)]
BODIES: Final = [
    f"119901{RNG.randrange(1950, 2005)}0{RNG.randrange(1, 10)}1{RNG.randrange(10)}{RNG.randrange(1000):03}"
    for _ in range(400)
]
IDS: Final = [body + id_number_check_character(body) for body in BODIES]
CARDS: Final = [body + luhn_check_digit(body) for body in (f"620000{RNG.randrange(10**12):012}" for _ in range(400))]


class Still:
    """A clock that stands."""

    def now(self) -> Instant:
        return Instant(1_767_225_600_000)


def table(rows: int = 400, sign: str = ",") -> str:
    """People as divided fields, with a header."""
    lines = [
        sign.join((f"{at}", "张伟", IDS[at % 400], MOBILES[at % 400], CARDS[at % 400], "2023-2024"))
        for at in range(rows)
    ]
    return "\n".join([sign.join(("id", "cust_name", "cert_no", "phone", "card_no", "academic_year_code")), *lines, ""])


def scanned(path: Path, **options: Any) -> ScanReport:
    """The report of a scan of a path."""
    return scan_source(FolderFiles(path), Still(), **{"sampling": Sampling(), **options})


def place_of(report: ScanReport, name: str) -> PlaceEvidence:
    """The evidence of one place."""
    (found,) = [one for one in report.places if one.place == name]
    return found


def items_of(report: ScanReport, name: str) -> set[str]:
    """The items that a place was found to hold."""
    return set(judge_place(place_of(report, name)).items)


def unread(report: ScanReport) -> dict[str, tuple[str, str]]:
    """What was not looked into: place -> reason and detail."""
    return {one.place: (one.reason.value, one.detail) for one in report.unread}
