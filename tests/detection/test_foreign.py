"""Recognisers of others beside our own: their findings at their bytes, ours first, unknown kinds left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from shouxin.detection import plain
from shouxin.detection.foreign import with_recognisers
from tests.connectors.readers.sources import MOBILES


@dataclass(frozen=True)
class Said:
    """What Presidio's results hold."""

    entity_type: str
    start: int
    end: int
    score: float


@dataclass(frozen=True)
class ByPattern:
    """A lender's own recogniser, with the method of Presidio's."""

    entity: str
    pattern: str
    score: float = 0.5

    @property
    def supported_entities(self) -> list[str]:
        return [self.entity]

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any) -> list[Said]:
        assert entities == [self.entity]
        assert nlp_artifacts is None
        return [Said(self.entity, *one.span(), self.score) for one in re.finditer(self.pattern, text)]


def _found(text: str | bytes, *recognisers: ByPattern) -> list[tuple[str, bytes, tuple[str, ...]]]:
    block = text if isinstance(text, bytes) else text.encode()
    found = with_recognisers(plain.find, recognisers)(block)
    return [(one.kind.value, block[one.start : one.end], one.evidence) for one in found]


def test_their_findings_stand_at_their_bytes() -> None:
    """Behind Chinese characters and broken bytes, in order with ours."""
    nino = ByPattern("UK_NINO", r"[A-Z]{2}\d{6}[A-D]", 1.0)
    text = "国民保险号 QQ123456C 手机 ".encode() + b"\xff\xfe " + MOBILES[0].encode() + b" QQ654321A"
    assert _found(text, nino) == [
        ("national_id", b"QQ123456C", ("shape", "checksum")),
        ("mobile", MOBILES[0].encode(), ("shape",)),
        ("national_id", b"QQ654321A", ("shape", "checksum")),
    ]


def test_ours_come_first() -> None:
    """What both see is reported once, as ours."""
    phone = ByPattern("PHONE_NUMBER", r"\d{11}")
    assert [kind for kind, *_ in _found(f"手机{MOBILES[0]}", phone)] == ["mobile"]
    assert [kind for kind, *_ in _found("phone 24155550132", phone)] == ["landline"]


def test_what_nobody_grades_and_what_is_doubtful_is_left_out() -> None:
    """An unknown entity is not asked for; a low score is none; an address of IPv6 is one."""
    text = "x 2001:db8::1:2 x 12345"
    assert _found(text, ByPattern("CRYPTO", r"\d+"), ByPattern("US_SSN", r"12345", 0.05)) == _found(text)
    address = ByPattern("IP_ADDRESS", r"abcd::1")
    assert [kind for kind, *_ in _found("at abcd::1 now", address)] == ["ipv6"]
