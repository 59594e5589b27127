"""Lines that were read become findings and documents."""

from __future__ import annotations

import pytest

from shouxin.demo.identities import Fabricator
from shouxin.detection.media.box import Box
from shouxin.detection.media.written import WrittenLine, read_lines
from shouxin.detection.names.finder import names_finder

_WHO = Fabricator(11).identity(5)


def _line(text: str, top: int, left: int = 10, score: float = 1.0) -> WrittenLine:
    return WrittenLine(text, Box(left, top, left + 20 * len(text), top + 20), score)


def _kinds(*lines: WrittenLine) -> dict[str, Box | None]:
    return {one.kind: one.box for one in read_lines(lines)}


def test_a_number_is_found_where_it_stands() -> None:
    """The finding has the box of the line with the number, not of the label beside it."""
    label, number = _line("公民身份号码", 100), _line(_WHO.id_number, 102, left=200)
    found = _kinds(number, label, _line("样本", 10))
    assert found == {"resident_id": number.box}


def test_names_are_found_in_what_is_written() -> None:
    """With the engine of names, a name and an address on a page are findings; without it they are none."""
    lines = [_line("借款人：张伟", 10), _line("住址：浙江省杭州市西湖区文三路100号3幢", 50)]
    assert {one.kind for one in read_lines(lines, find=names_finder())} == {"person_name", "address"}
    assert not read_lines(lines)


def test_a_line_that_is_hardly_legible_counts_less() -> None:
    """The score of a finding falls with the certainty of the reader."""
    (sure,) = read_lines([_line(_WHO.mobile, 10)])
    (unsure,) = read_lines([_line(_WHO.mobile, 10, score=0.5)])
    assert unsure.score == round(sure.score / 2, 2)


def test_a_number_over_two_rows_is_none() -> None:
    """Lines above one another are not read as one."""
    assert not _kinds(_line(_WHO.id_number[:9], 10), _line(_WHO.id_number[9:], 40))


_FRONT = [
    _line(text, 40 * at) for at, text in enumerate(("姓名苏芳", "性别女民族汉", "出生1975年1月6日", "住址吉林省长春市"))
]


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ([*_FRONT, _line("公民身份号码", 200)], "id_front"),
        ([_line("中华人民共和国", 0), _line("居民身份证", 40), _line("签发机关 样本市公安局", 80)], "id_back"),
        ([_line("样本银行", 0), _line(_WHO.card_number, 40), _line("VALID THRU 12/39", 80)], "bank_card_image"),
        ([_line("借款合同", 0), _line("甲方：样本公司", 40), _line("乙方：苏芳", 80)], "contract"),
    ],
)
def test_a_document_is_known_by_its_words_and_covers_its_lines(lines: list[WrittenLine], kind: str) -> None:
    """Each kind of document is told, with a box around all that is written on it."""
    found = _kinds(*lines)
    box = found[kind]
    assert box is not None
    assert all(box.shared(line.box) == line.box.area for line in lines)


@pytest.mark.parametrize(
    "lines",
    [
        [_line("姓名", 0), _line("性别", 40)],
        [_line("样本银行欢迎您", 0)],
        [_line("劳动合同法", 0), _line("甲方", 40)],
    ],
)
def test_some_of_the_words_make_no_document(lines: list[WrittenLine]) -> None:
    """A form, a sign or a law has some of the words and is no document of a person."""
    assert not _kinds(*lines)
