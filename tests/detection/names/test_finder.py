from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.detection import plain
from shouxin.detection import scan as scanning
from shouxin.detection.finding import NAMES, ORDINAL, RULES, SHAPE, Finding, FindingKind, Findings, Row
from shouxin.detection.names.finder import names_finder
from shouxin.detection.scan import Finder, scan_bytes

NAME, PLACE, ADDRESS, HANDLE = (
    FindingKind.PERSON_NAME,
    FindingKind.PLACE,
    FindingKind.ADDRESS,
    FindingKind.HANDLE,
)

FOUND = [
    ("借款人张伟于昨日还款", NAME, "张伟"),
    ("催收员李秀英致电客户", NAME, "李秀英"),
    ("姓名：诸葛孔明", NAME, "诸葛孔明"),
    ("我叫王建国，今年四十岁", NAME, "王建国"),
    ("收件人 陈晓燕 13800138000", NAME, "陈晓燕"),
    ('{"name":"刘洋"}', NAME, "刘洋"),
    ("客户买买提·艾力来电", NAME, "买买提·艾力"),
    ("//@小猫咪:哈哈", HANDLE, "小猫咪"),
    ("我在杭州上班", PLACE, "杭州"),
    ("老家是河南省", PLACE, "河南省"),
    ("住浙江省杭州市西湖区文三路100号3幢2单元501室。", ADDRESS, "浙江省杭州市西湖区文三路100号3幢2单元501室"),
    ("寄到湖北省黄冈市红安县七里坪镇张家湾村3组", ADDRESS, "湖北省黄冈市红安县七里坪镇张家湾村3组"),
    ("上海市浦东新区张杨路500弄12号602", ADDRESS, "上海市浦东新区张杨路500弄12号602"),
]
TRAPS = [
    "高兴马上白天张开嘴",
    "王者荣耀真好玩",
    "江苏银行的信用卡",
    "任何时候都方便",
    "金色的阳光和白色的云",
    "姓名：未填",
    "姓名：",
    "路上小心，城里人多",
    "2026-03-14 09:26:53 INFO order=123",
    "user@example.com",
    "成功属于努力的人",
]


@pytest.fixture(scope="module")
def find() -> Finder:
    """Names alone."""
    return names_finder()


def _found(find: Finder, text: str) -> list[tuple[FindingKind, str]]:
    data = text.encode()
    return [(one.kind, data[one.start : one.end].decode()) for one in find(data)]


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_what_is_there_is_found(find: Finder, text: str, kind: FindingKind, value: str) -> None:
    """Names, accounts, places and addresses in clear sentences, with the span of exactly the value."""
    assert (kind, value) in _found(find, text)


@pytest.mark.parametrize("text", TRAPS)
def test_traps_do_not_fire(find: Finder, text: str) -> None:
    """Ordinary words that begin like names, brands and banks are no findings."""
    assert _found(find, text) == []


def test_a_finding_says_why_and_by_which_model(find: Finder) -> None:
    """A name found by the model carries its evidence and version, a rank below proof, and the item it grades as."""
    (one,) = find("借款人张伟于昨日还款".encode())
    assert one == Finding(NAME, one.item, 9, 15, one.score, ("dictionary", "model"), NAMES)
    assert one.item == "identity.name"
    assert 0.5 < one.score < 0.9


@pytest.mark.parametrize("name", ["张\u200b伟", "张\u2060伟", "\ufeff张伟"])
def test_what_has_no_width_hides_nothing(find: Finder, name: str) -> None:
    """A name with characters of no width in it is found; its span is of the text as it was given."""
    text = f"借款人{name}于昨日还款"
    ((kind, value),) = _found(find, text)
    assert kind is NAME
    assert value.replace("\u200b", "").replace("\u2060", "").replace("\ufeff", "") == "张伟"
    assert value in text


def test_full_width_numbers_stay_in_the_address(find: Finder) -> None:
    """An address with full-width digits is one address, its span in the bytes as given."""
    assert (ADDRESS, "杭州市西湖区文三路１００号３幢") in _found(find, "　住杭州市西湖区文三路１００号３幢，")


def test_identifiers_win_over_names() -> None:
    """Beside the engine of identifiers nothing is lost, nothing overlaps, and each kind names its own rules."""
    data = "借款人张伟，电话13800138000，邮箱 zhang@example.com，住杭州市西湖区文三路100号".encode()
    both = list(names_finder(plain.find)(data))
    assert [one.kind for one in both] == [NAME, FindingKind.MOBILE, FindingKind.EMAIL, ADDRESS]
    assert [one.rules for one in both] == [NAMES, RULES, RULES, NAMES]
    assert all(before.end <= after.start for before, after in pairwise(both))


@pytest.mark.parametrize("place", [(9, 12), (12, 18), (0, 30)])
def test_whatever_else_was_found_there_comes_first(place: tuple[int, int]) -> None:
    """A name gives way to a finding that shares any of its bytes."""
    row = (ORDINAL[FindingKind.PASSWORD], *place, SHAPE)
    rows = list(names_finder(lambda _: Findings.of([row]))("借款人张伟于昨日还款".encode()).rows())
    assert rows == [row]


def test_the_same_text_answers_the_same(find: Finder) -> None:
    """Another finder, later and after other text, finds the same rows."""
    data = _records(40, 1)
    rows = list(find(data).rows())
    assert len(rows) > 40
    find("王小明去了北京".encode())
    assert list(names_finder()(data).rows()) == rows


# ------------------------------------------------------------------------------------------------- streams


def _records(count: int, seed: int, end: str = "\n") -> bytes:
    rng = random.Random(seed)
    lines = [
        f"客户{rng.choice('王李张刘陈')}{rng.choice('建晓志丽')}{rng.choice('国明强华')}"
        f"住{rng.choice(('杭州', '郑州'))}市"
        f"文三路{rng.randrange(1, 900)}号，{'还款情况正常；' * rng.randrange(4)}"
        for _ in range(count)
    ]
    return end.join(lines).encode()


def _rows(find: Finder, data: bytes, size: int) -> Iterator[Row]:
    for batch in scan_bytes((data[at : at + size] for at in range(0, len(data), size)), find):
        yield from batch.findings.rows()


@pytest.mark.parametrize("end", ["\n", "。"])
@pytest.mark.parametrize("size", [77, 4096])
def test_chunks_and_blocks_do_not_matter(find: Finder, size: int, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a stream is cut, also without any line end, the findings are those of the whole."""
    data = _records(150, 3, end)
    whole = list(find(data).rows())
    for name, value in (("BLOCK", 3000), ("AHEAD", 700), ("BEHIND", 600)):
        monkeypatch.setattr(scanning, name, value)
    assert list(_rows(find, data, size)) == whole


@pytest.mark.slow
def test_a_line_without_end_needs_little_memory(find: Finder) -> None:
    """A line of 16 MB of names is scanned block by block: the memory is that of a block, and every name is found."""
    piece = ("还款情况正常" * 60 + "；借款人张伟，").encode()
    chunk = piece * (1_000_000 // len(piece))
    tracemalloc.start()
    count = sum(len(batch.findings) for batch in scan_bytes((chunk for _ in range(16)), find))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 16 * (1_000_000 // len(piece))
    assert peak < 160 << 20


@given(st.binary(max_size=200))
def test_broken_bytes_are_scanned(find: Finder, data: bytes) -> None:
    """No bytes stop a scan, and spans stay inside, in order and apart."""
    rows = list(find(data).rows())
    assert all(0 <= start < end <= len(data) for _, start, end, _ in rows)
    assert all(before[2] <= after[1] for before, after in pairwise(rows))


@given(st.text("张伟王丽省市县路号0123杭州·@：姓名\u200b３ \ud800", max_size=80))
def test_any_mixture_is_scanned(find: Finder, text: str) -> None:
    """Surnames, endings, numbers and marks in any order: spans are of whole characters and apart."""
    data = text.encode("utf-8", "surrogatepass")
    found = list(find(data))
    assert all(data[one.start : one.end].decode("utf-8", "surrogatepass") for one in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_names_that_could_begin_anywhere_stay_apart(find: Finder) -> None:
    """Where every character is a surname, what is found is apart, and something is found."""
    found = list(find("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林张伟王丽李强陈静赵军".encode()))
    assert found
    assert all(before.end <= after.start for before, after in pairwise(found))


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["张", "王王", "路", "北京", "1号", "@a", "阿", "路1号", "姓名：", "尔·", "市区县", "和路"]
)
def test_hostile_text_takes_time_in_proportion(find: Finder, piece: str) -> None:
    """Text made of nothing but beginnings or endings: 192 kB in a fraction of what a square would take."""
    data = (piece * (65_536 // len(piece))).encode()
    start = time.process_time()
    find(data)
    assert time.process_time() - start < 5
