"""Taking an agreement apart: every sentence knows its clause, its line and its characters."""

from __future__ import annotations

import pytest

from shouxin.policy.passages import MOST_LETTERS, passages

TEXT = """# 隐私政策

第一章 总则

第一条 为了创建您的账户，我们收集您的手机
号码。我们不出售信息；也不出租。

（一）例外如下：
1. 经您同意；
2. 法律规定。

第二条 ｗｉ－ｆｉ  地址，永\u200b久 保存。
"""


def _said(text: str, part: str) -> list[tuple[int, str, str]]:
    return [(one.line, one.clause, one.lead) for one in passages(text) if part in one.text]


def test_a_wrapped_sentence_is_one_and_knows_where_it_stands() -> None:
    """Lines that wrap are joined; the place is that of the given characters."""
    (one,) = [one for one in passages(TEXT) if "手机号码" in one.text]
    assert TEXT[one.start : one.end] == "第一条 为了创建您的账户，我们收集您的手机\n号码。"
    assert (one.line, one.clause) == (5, "第一章 第一条")


@pytest.mark.parametrize(
    ("part", "line", "clause"),
    [
        ("也不出租", 6, "第一章 第一条"),
        ("经您同意", 9, "第一章 第一条 (一) 1."),
        ("法律规定", 10, "第一章 第一条 (一) 2."),
        ("永久保存", 12, "第一章 第二条"),
    ],
)
def test_a_clause_is_the_path_of_its_numbers(part: str, line: int, clause: str) -> None:
    """Numbers of every depth are followed, and a shallower one ends the deeper."""
    assert [(one[0], one[1]) for one in _said(TEXT, part)] == [(line, clause)]


def test_items_know_what_introduced_them() -> None:
    """What ends in a colon leads the items below it, and no clause after them."""
    assert [one[2] for one in _said(TEXT, "经您同意")] == ["(一)例外如下:"]
    assert [one[2] for one in _said(TEXT, "永久保存")] == [""]


def test_what_hides_words_is_taken_away_and_places_stay() -> None:
    """Full-width forms, zero-width characters, blanks between Chinese characters and Markdown hide nothing."""
    (one,) = [one for one in passages(TEXT) if "永久" in one.text]
    assert one.text == "第二条wi-fi地址,永久保存。"
    at = one.text.index("永久")
    assert TEXT[one.places[at] : one.places[at + 1] + 1] == "永\u200b久"
    (bold,) = passages("**永久**[保存](http://example.invalid)您的<u>信息</u>。")
    assert bold.text == "永久保存您的信息。"


def test_english_sentences_end_where_they_end() -> None:
    """A full stop inside a number, an abbreviation or an address ends nothing."""
    found = [one.text for one in passages("1.1 We use e.g. Mail at 3.5 percent. We keep it; Then (a) we stop.")]
    assert found == ["1.1 we use e.g. mail at 3.5 percent.", " we keep it;", " then (a) we stop."]


def test_one_endless_sentence_is_cut() -> None:
    """Nothing is longer than the bound, and nothing is lost."""
    text = "永久保存，" * 2000
    found = passages(text)
    assert max(len(one.text) for one in found) <= MOST_LETTERS
    assert sum(len(one.text) for one in found) == len(text)


@pytest.mark.parametrize("text", ["", "\n\n", "。。。", "---\n", "\0\u200b", "（" * 50])
def test_nothing_said_is_nothing_found(text: str) -> None:
    """Empty and senseless input is no error."""
    assert [one.text.strip("( ") for one in passages(text)] in ([], [""])
