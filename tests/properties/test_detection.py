"""What detection promises for any text: real numbers are found where they are, corrupted ones are not."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from shouxin.detection.checksums import id_number_check_character
from shouxin.detection.finding import FindingKind
from shouxin.detection.normalise import fold
from shouxin.detection.scan import scan

PROVINCES = "11 12 13 21 31 33 35 37 41 44 51 61 81 82 83".split()
IDENTITY = {FindingKind.RESIDENT_ID, FindingKind.RESIDENT_ID_15}
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")

# letters of the Chinese script, without the numerals that folding may read as digits
han = st.text(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF).filter(
        lambda one: one not in "零一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖"
    ),
    max_size=12,
)


@st.composite
def id_numbers(draw: st.DrawFn) -> str:
    """A resident ID number with a real date and the right check character."""
    born = draw(st.dates(min_value=date(1900, 1, 1), max_value=date(2025, 12, 31)))
    area = f"{draw(st.sampled_from(PROVINCES))}99{draw(st.integers(1, 98)):02}"
    body = f"{area}{born:%Y%m%d}{draw(st.integers(1, 999)):03}"
    return body + id_number_check_character(body)


@given(han, id_numbers(), han)
def test_an_id_number_is_found_in_any_chinese_text(before: str, number: str, after: str) -> None:
    """The number is found, as itself, at exactly its place."""
    text = before + number + after
    found = [one for one in scan(text) if one.kind == FindingKind.RESIDENT_ID]
    assert [(one.start, one.end) for one in found] == [(len(before), len(before) + len(number))]
    assert "checksum" in found[0].evidence


@given(han, id_numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_a_corrupted_id_number_is_no_id_number(before: str, number: str, place: int, to: str) -> None:
    """One other character, anywhere, and no resident ID is reported."""
    corrupted = number[:place] + to + number[place + 1 :]
    if corrupted != number:
        assert not {one.kind for one in scan(before + corrupted)} & IDENTITY


@given(id_numbers(), st.sampled_from(["6-8-4", "6 4 4 4", "6.4.2.2.4", "3/3/8/4", "14_4"]), st.booleans())
def test_groups_and_full_width_hide_nothing(number: str, grouping: str, wide: bool) -> None:
    """Separated or in full width, the same number is found, and the span is all that was written."""
    gap = next(one for one in grouping if not one.isdigit())
    written, at = [], 0
    for size in map(int, grouping.split(gap)):
        written.append(number[at : at + size])
        at += size
    text = gap.join(written).translate(FULL_WIDTH) if wide else gap.join(written)
    assert [(one.kind, one.start, one.end) for one in scan(f"号{text}。")] == [
        (FindingKind.RESIDENT_ID, 1, 1 + len(text))
    ]


@given(st.text(max_size=60))
def test_findings_are_in_order_apart_and_inside(text: str) -> None:
    """Whatever the text, spans are ordered, do not overlap and lie in it."""
    at = 0
    for one in scan(text):
        assert at <= one.start < one.end <= len(text)
        at = one.end


@given(
    st.lists(
        st.sampled_from(["1", "３", "\u200b", " ", "—", "八", "零", "x", "［", "张", "𝟖", "：", "ａ"]), max_size=40
    )
)
def test_every_folded_byte_has_an_origin(pieces: list[str]) -> None:
    """Single bytes of the folded text map to spans of the original that never run backwards, the last to its end."""
    raw = "".join(pieces).encode()
    folded = fold(raw)
    begin = 0
    for place in range(len(folded.data)):
        start, end = folded.origin(place, place + 1)
        assert begin <= start < end <= len(raw)
        begin = start
    if folded.data:
        start, end = folded.origin(0, len(folded.data))
        assert fold(raw[start:end]).data == folded.data or b"\xe2\x80\x8b" in raw
