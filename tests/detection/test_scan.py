from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.detection.log_text import log_text
from shouxin.detection import plain
from shouxin.detection import scan as scanning
from shouxin.detection.bulk import finder
from shouxin.detection.finding import FindingKind, Row
from shouxin.detection.scan import Batch, Finder, ScanPosition, scan, scan_bytes
from shouxin.errors import Invalid

FOUND = [
    ("身份证号11010519491231002X，", FindingKind.RESIDENT_ID, "11010519491231002X"),
    ("身份证 110105-19491231-002X", FindingKind.RESIDENT_ID, "110105-19491231-002X"),
    ("身份证１１０１０５１９４９１２３１００２Ｘ", FindingKind.RESIDENT_ID, "１１０１０５１９４９１２３１００２Ｘ"),
    ("老身份证110105491231002", FindingKind.RESIDENT_ID_15, "110105491231002"),
    ("打13800138000找他", FindingKind.MOBILE, "13800138000"),
    ("+86 138-0013-8000", FindingKind.MOBILE, "138-0013-8000"),
    ("8613800138000", FindingKind.MOBILE, "13800138000"),
    ("138 0013 8000 25岁", FindingKind.MOBILE, "138 0013 8000"),
    ("recording_13800138000_20240101.wav", FindingKind.MOBILE, "13800138000"),
    ("（010）62345678", FindingKind.LANDLINE, "010）62345678"),
    ("0571-87654321转801", FindingKind.LANDLINE, "0571-87654321转801"),
    ("+86-10-62345678", FindingKind.LANDLINE, "86-10-62345678"),
    ("卡6222 0212 3456 7890 128", FindingKind.BANK_CARD, "6222 0212 3456 7890 128"),
    ("4111-1111-1111-1111", FindingKind.BANK_CARD, "4111-1111-1111-1111"),
    ("护照E12345678", FindingKind.PASSPORT, "E12345678"),
    ("港澳通行证 C12345678", FindingKind.TRAVEL_PERMIT, "C12345678"),
    ("回乡证号H1234567890", FindingKind.TRAVEL_PERMIT, "H1234567890"),
    ("军官证：军字第1234567号", FindingKind.MILITARY_ID, "军字第1234567号"),
    ("信用代码91350100M000100Y43", FindingKind.CREDIT_CODE, "91350100M000100Y43"),
    ("车牌京A12345停在", FindingKind.LICENCE_PLATE, "京A12345"),
    ("粤B·D12345", FindingKind.LICENCE_PLATE, "粤B·D12345"),
    ("沪A1234学", FindingKind.LICENCE_PLATE, "沪A1234学"),
    ("zhang@example.com。", FindingKind.EMAIL, "zhang@example.com"),
    ("zhang [at] example [dot] com", FindingKind.EMAIL, "zhang [at] example [dot] com"),
    ("来自10.2.3.4的", FindingKind.IPV4, "10.2.3.4"),
    ("2001:db8::1:2:3", FindingKind.IPV6, "2001:db8::1:2:3"),
    ("00:1a:2b:3c:4d:5e", FindingKind.MAC, "00:1a:2b:3c:4d:5e"),
    ("IMEI:356938035643809", FindingKind.IMEI, "356938035643809"),
    ("定位116.397428,39.90923", FindingKind.COORDINATES, "116.397428,39.90923"),
    ("lat=39.9042", FindingKind.COORDINATES, "39.9042"),
    ("微信号：zhang_san", FindingKind.WECHAT, "zhang_san"),
    ("加微信lily2024", FindingKind.WECHAT, "lily2024"),
    ("QQ是 123456789", FindingKind.QQ, "123456789"),
    ("出生日期：1990年5月1日", FindingKind.BIRTH_DATE, "1990年5月1日"),
    ("dob=19900501", FindingKind.BIRTH_DATE, "19900501"),
    ("账号为 1234 5678 9012 3", FindingKind.BANK_ACCOUNT, "1234 5678 9012 3"),
    ("有效期 08/27", FindingKind.CARD_EXPIRY, "08/27"),
    ("CVV2: 123", FindingKind.CARD_CVN, "123"),
    ("您的验证码是 482913，", FindingKind.SMS_CODE, "482913"),
    ("password=hunter2!", FindingKind.PASSWORD, "hunter2!"),
    ("登录密码是Abc12345", FindingKind.PASSWORD, "Abc12345"),
    ("AKIAIOSFODNN7EXAMPLE", FindingKind.SECRET_KEY, "AKIAIOSFODNN7EXAMPLE"),
    ("mysql://root:pa55word@db.example.com", FindingKind.SECRET_KEY, "root:pa55word"),
    ("token: a8f5f167f44f4964e6c998de", FindingKind.SECRET_KEY, "a8f5f167f44f4964e6c998de"),
]
TRAPS = [
    "学年代码 2023，课程 101",
    "academic_year_code=2024",
    "scenario_code=123456",
    "订单号：13800138000",
    "order_no=6222021234567890128",
    "流水号 4111111111111111",
    "耗时13800138000.50元",
    "0.13800138000",
    "A13800138000",
    "1380013800",
    "138001380000",
    "12800138000",
    "110105194912310021",
    "版本 10.2.3.4",
    "v1.2.3.4",
    "2026-03-14 09:26:53.589",
    "550e8400-e29b-41d4-a716-446655440000",
    "icon@2x.png",
    "密码：******",
    "password=${DB_PASSWORD}",
    "密码错误，请重试",
    "token expired",
    "京东商城A座",
    "北京A12345",
    "（2023）京民终字第1234567号",
    "C12345678",
    "12.5,30.2",
    "QQ音乐",
    "微信支付成功",
    "400-820-8820",
]


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_what_is_there_is_found(text: str, kind: FindingKind, value: str) -> None:
    """Each kind in its usual and unusual forms, with the span of exactly the value."""
    assert [(one.kind, text[one.start : one.end]) for one in scan(text)] == [(kind, value)]


@pytest.mark.parametrize("text", TRAPS)
def test_traps_do_not_fire(text: str) -> None:
    """Numbers that look like an identifier and are none, and placeholders, are no findings."""
    assert scan(text) == []


def test_amounts_belong_to_somebody() -> None:
    """An amount is a finding near an account or a person, and alone it is a price."""
    assert scan("余额 1,234.50元") == []
    assert [one.kind for one in scan("卡号4111111111111111余额 1,234.50元")] == [
        FindingKind.BANK_CARD,
        FindingKind.AMOUNT,
    ]


def test_findings_do_not_overlap() -> None:
    """A mobile that is the local part of an address is part of the address."""
    text = "13800138000@139.com"
    assert [one.kind for one in scan(text)] == [FindingKind.EMAIL]


def test_spans_count_characters() -> None:
    """Whatever stands before, spans are those of the text; lone surrogates are allowed."""
    text = "\ud800張三😀13800138000"
    (one,) = scan(text)
    assert text[one.start : one.end] == "13800138000"


# ------------------------------------------------------------------------------------------------- streams


def _rows(batches: Iterator[Batch]) -> list[Row]:
    return [row for batch in batches for row in batch.findings.rows()]


def _chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.fixture(params=["plain", "bulk"])
def find(request: pytest.FixtureRequest) -> Finder:
    """Either engine."""
    return plain.find if request.param == "plain" else finder(native=False)


@pytest.mark.parametrize("newlines", [True, False])
@pytest.mark.parametrize("size", [1, 77, 4096, 100_000])
def test_chunks_and_blocks_do_not_matter(
    find: Finder, size: int, newlines: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However a stream is cut, also without any line end, the findings are those of the whole."""
    data = log_text(20_000, seed=3)
    data = data if newlines else data.replace(b"\n", b" ")
    whole = list(find(data).rows())
    for name, value in (("BLOCK", 3000), ("AHEAD", 700), ("BEHIND", 600)):
        monkeypatch.setattr(scanning, name, value)
    assert _rows(scan_bytes(_chunks(data, size), find)) == whole


@pytest.mark.parametrize("newlines", [True, False])
def test_a_scan_goes_on_where_it_stopped(find: Finder, newlines: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the position of any batch the rest of the findings is the same, and nothing is reported twice."""
    data = log_text(20_000, seed=4)
    data = data if newlines else data.replace(b"\n", b" ")
    for name, value in (("BLOCK", 3000), ("AHEAD", 700), ("BEHIND", 600)):
        monkeypatch.setattr(scanning, name, value)
    batches = list(scan_bytes(_chunks(data, 1000), find))
    assert len(batches) > 4
    for before, after in pairwise(range(len(batches) + 1)):
        position = batches[before].position
        rest = scan_bytes(_chunks(data[position.read_from :], 1000), find, position)
        assert _rows(rest) == _rows(iter(batches[after:]))


def test_a_position_is_one_that_a_scan_gave() -> None:
    """A scan cannot report from before the place where it reads."""
    with pytest.raises(Invalid):
        next(scan_bytes([b""], position=ScanPosition(10, 5)))


@pytest.mark.slow
def test_a_line_without_end_needs_little_memory() -> None:
    """A line of 64 MB is scanned in bounded memory, and every number in it is found once."""
    rng = random.Random(1)
    filler = "x" * 4000
    chunk = "".join(f"{filler}电话 138{rng.randrange(10**8):08}；" for _ in range(256)).encode()
    tracemalloc.start()
    count = sum(len(batch.findings) for batch in scan_bytes((chunk for _ in range(64)), finder()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 64 * 256
    assert peak < 64 << 20


@given(st.binary(max_size=200))
def test_broken_bytes_are_scanned(data: bytes) -> None:
    """No bytes stop a scan, and spans stay inside."""
    for batch in scan_bytes([data]):
        assert all(0 <= start < end <= len(data) for _, start, end, _ in batch.findings.rows())


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        b"..@a",
        b"1-",
        b"6222 ",
        b"138 0013 8000 ",
        b"a::",
        b"eyJ-",
        b"password=",
        b"qq 1",
        "一 ".encode(),
        b"1 - ",
        b"0",
        b"\xff",
    ],
)
def test_hostile_text_takes_time_in_proportion(find: Finder, piece: bytes) -> None:
    """Text made to send a rule into all its branches: 64 kB in a fraction of the seconds that a square would take."""
    data = piece * (65_536 // len(piece))
    start = time.process_time()
    find(data)
    assert time.process_time() - start < 5
