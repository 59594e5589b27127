from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shouxin.detection.normalise import CHARACTERS, SEQUENCES, SPREAD, fold

FOLDED = [
    ("１３８００１３８０００", "13800138000"),
    ("138\u200b0013\u200d8000", "13800138000"),
    ("138\u00a00013\u30008000", "138 0013 8000"),
    ("138—0013–8000", "138-0013-8000"),
    ("ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ", "zhang@example.com"),
    ("一三八零零一三八零零零", "13800138000"),
    ("幺三八 〇〇一三 八〇〇〇", "138 0013 8000"),
    ("1 3 8 0 0 1 3 8 0 0 0", "13800138000"),
    ("1-1-0-1-0-5-1-9-4-9-1-2-3-1-0-0-2-X", "11010519491231002X"),
    ("138 - 0013 - 8000", "138-0013-8000"),
    ("zhang [at] example (dot) com", "zhang@example.com"),
    ("00：1A：2B", "00:1A:2B"),
    ("192。168。10。7", "192.168.10.7"),
    ("a@b[.]test(.)cn", "a@b.test.cn"),
    ("①③⑧", "138"),
    ("𝟏𝟑𝟖", "138"),
    ("1\ufe0f\u20e33\ufe0f\u20e3", "13"),
]
KEPT = [
    "客户（张三）说：好的，明天还款！",
    "二〇二四年一月",
    "第一百二十三条",
    "其一、其二、其三",
    "2026-03-14 09:26:53.589",
    "1 2 3",
    "10 20 30 40 50",
    "b：02:42:ac:11:00:02",
    "mima：E12345678",
    "13800138000。5",
]


@pytest.mark.parametrize(("text", "folded"), FOLDED)
def test_what_hides_a_number_is_folded(text: str, folded: str) -> None:
    """Full width, no width, odd spaces and dashes, numerals, spreading and spelled-out marks come out as ASCII."""
    assert fold(text.encode()).data.decode() == folded


@pytest.mark.parametrize("text", KEPT)
def test_what_hides_nothing_is_kept(text: str) -> None:
    """Punctuation of sentences, dates, times and counting stay as they are, and cost no map."""
    folded = fold(text.encode())
    assert folded.data.decode() == text
    assert not folded.places


@pytest.mark.parametrize(("text", "folded"), FOLDED)
def test_what_folding_changes_has_a_trigger(text: str, folded: str) -> None:
    """The expressions by which a fast engine decides whether to fold see every case."""
    assert any(re.search(pattern, text.encode()) for pattern in (CHARACTERS, SPREAD, *SEQUENCES))


_PIECES = [
    *"1 1 8 02 Ab g x X _ - / . * , ， 、 ： 。 点 点 一 八 零 幺 ( ) （ ） [ ] { } < > # @ % · • ~ × х".split(),
    *(
        " ",
        "  ",
        "at",
        "dot",
        "com",
        "cn",
        "qq",
        "163",
        "a",
        "%40",
        "%2B",
        "艾特",
        "圈a",
        "--",
        "[.]",
        "(.)",
        "(.]",
        "23456",
    ),
]


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
@settings(max_examples=1_000)
@example("b：02:42:ac:11:00:02")
@example("13800138000。5")
@example("一380013八00零")
@example("zhang@example(.]com")
def test_without_a_trigger_nothing_is_folded(text: str) -> None:
    """The law that a fast engine rests on, which folds only where one of the expressions matches."""
    raw = text.encode()
    if not any(re.search(pattern, raw) for pattern in (CHARACTERS, SPREAD, *SEQUENCES)):
        assert not fold(raw).places


def test_the_origin_of_a_folded_number_is_all_of_it() -> None:
    """The span of a folded number maps to the characters that it was made of, from the first to the last byte."""
    text = "电话１３８\u200b００１３８０００。"
    folded = fold(text.encode())
    start = folded.data.index(b"138")
    begin, end = folded.origin(start, start + 11)
    assert text.encode()[begin:end].decode() == "１３８\u200b００１３８０００"


pieces = st.lists(
    st.one_of(
        st.sampled_from([text for text, _ in FOLDED] + KEPT), st.text(max_size=5), st.sampled_from("１\u200b 一-")
    ),
    max_size=8,
).map("".join)


@given(pieces)
def test_folding_twice_is_folding_once(text: str) -> None:
    """What single characters fold to is never folded again by them."""
    once = fold(text.encode("utf-8", "surrogatepass")).data
    assert not re.search(CHARACTERS, once)


@given(pieces, st.data())
def test_origins_keep_order_and_cover(text: str, data: st.DataObject) -> None:
    """Spans of the folded text map to spans of the original in the same order, inside it, and whole to whole."""
    raw = text.encode("utf-8", "surrogatepass")
    folded = fold(raw)
    size = len(folded.data)
    if not size:
        return
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start + 1, size))
    begin, finish = folded.origin(start, end)
    assert 0 <= begin < finish <= len(raw)
    if end < size:
        after, _ = folded.origin(end, end + 1)
        assert after >= begin
        assert after >= finish or raw[after:finish]  # one character may have become several bytes
    if folded.data[start:end].isalpha() and not folded.places:
        assert raw[begin:finish] == folded.data[start:end]


@given(st.binary(max_size=60))
def test_any_bytes_can_be_folded(raw: bytes) -> None:
    """Broken UTF-8 is no reason to stop, and bytes that no rule knows stay."""
    folded = fold(raw)
    assert len(folded.data) <= len(raw)
