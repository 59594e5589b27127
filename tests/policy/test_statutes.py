"""Statute texts are read by article, paragraph and item; numbers are read in both scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.errors import Invalid, NotFound
from shouxin.policy.lawpack import load_pack
from shouxin.policy.statutes import article_number, from_han, numbers_in, split, statute, to_han

COUNTS = {
    "PIPL": 74,
    "NDSR": 64,
    "CSL": 81,
    "DSL": 55,
    "AML": 65,
    "CRR": 47,
    "ECL": 89,
    "ESL": 36,
    "CRIM": 13,
    "FACE-SPC": 16,
    "AUDIT": 20,
    "INC": 14,
    "SCC": 13,
}
EXCERPTS = {"CC": {188, 195, 994, 1029, 1030, *range(1032, 1040)}, "CPL": {29, 50, 56}}


@pytest.mark.parametrize(("short", "count"), COUNTS.items())
def test_a_whole_text_has_every_article_once(short: str, count: int) -> None:
    """A text that is held whole has the articles from one to its last, without a gap."""
    assert list(statute(short).articles) == list(range(1, count + 1))


@pytest.mark.parametrize(("short", "articles"), EXCERPTS.items())
def test_an_excerpt_has_exactly_its_articles(short: str, articles: set[int]) -> None:
    """An excerpt has the articles that its header lists and no others."""
    assert set(statute(short).articles) == articles


def test_every_held_text_is_tested() -> None:
    """The register holds no text that these tests do not count."""
    held = {one.short for one in load_pack("cn").instruments.values() if one.text}
    assert held == set(COUNTS) | set(EXCERPTS)


def test_a_paragraph_and_an_item_are_found() -> None:
    """34(3) is the third paragraph of article 34, 47(1)(3) the third item of its first."""
    assert statute("AML").passage("34(3)").endswith("应当至少保存十年。")
    assert statute("PIPL").passage("47(1)(3)") == "（三）个人撤回同意；"
    assert statute("PIPL").passage("47(2)").startswith("法律、行政法规规定的保存期限未届满")


def test_what_is_not_held_is_not_found() -> None:
    """An article, a paragraph, an item, an annex or a text that is not held is never an empty string."""
    for article in ("75", "47(9)", "47(1)(9)", "annex"):
        with pytest.raises(NotFound):
            statute("PIPL").passage(article)
    with pytest.raises(NotFound):
        statute("NFRA")


def test_the_annex_of_the_incident_measures_is_held() -> None:
    """The annex stands apart from the articles."""
    assert "泄露100万人以上公民个人信息" in statute("INC").article("annex")
    assert "泄露100万人以上公民个人信息" not in statute("INC").article(14)


@pytest.mark.parametrize("article", ["", "34, 35", "第34条", "34(a)", "1(2)(3)(4)"])
def test_an_article_is_a_number(article: str) -> None:
    """A list, a range or Chinese words are not an article number."""
    with pytest.raises(Invalid):
        article_number(article)


@given(st.integers(min_value=1, max_value=9999))
def test_chinese_numbers_round_trip(number: int) -> None:
    """Every number from 1 to 9999 is read back from its Chinese form."""
    assert from_han(to_han(number)) == number


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (101, "一百零一"), (110, "一百一十"), (1029, "一千零二十九")],
)
def test_chinese_numbers_are_written_as_statutes_do(number: int, written: str) -> None:
    """Article 10 is 十, article 110 is 一百一十, article 1029 is 一千零二十九."""
    assert to_han(number) == written


@pytest.mark.parametrize("written", ["", "零", "一十", "十百", "百十一十", "abc", "一零零"])
def test_unusual_chinese_numbers_are_refused(written: str) -> None:
    """A number that is not written in the usual way is refused, not guessed."""
    with pytest.raises(Invalid):
        from_han(written)


@pytest.mark.parametrize("number", [0, -1, 10000])
def test_numbers_out_of_range_are_refused(number: int) -> None:
    """Articles are numbered from 1 to 9999."""
    with pytest.raises(Invalid):
        to_han(number)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("五千万元以下", 50_000_000),
        ("百分之五以下", 5),
        ("至少保存十年", 10),
        ("不少于六个月", 6),
        ("处理超过1000万人", 10_000_000),
        ("泄露1亿人以上", 100_000_000),
        ("15个工作日", 15),
        ("每年两次", 2),
        ("每年度", 1),
    ],
)
def test_numbers_are_found_in_both_scripts(text: str, number: int) -> None:
    """Numbers of statutes are read with 万 and 亿, in digits and in characters."""
    assert number in numbers_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "第一条 无标题\n",
        "# 标题\n\n没有条文\n",
        "# 标题\n\n第二条 乙\n\n第一条 甲\n",
        "# 标题\n\n第一条 甲\n\n第一条 乙\n",
    ],
)
def test_a_text_out_of_order_is_refused(text: str) -> None:
    """A text without title or articles, with an article twice or out of order, is refused as a whole."""
    with pytest.raises(Invalid):
        split("X", text)
