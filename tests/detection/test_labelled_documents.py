from __future__ import annotations

import pytest

from shouxin.detection.finding import FindingKind
from shouxin.detection.scan import scan


def _found(text: str) -> list[tuple[FindingKind, str]]:
    return [(one.kind, text[one.start : one.end]) for one in scan(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("士兵证号12345678", FindingKind.MILITARY_ID, "12345678"),
        ("军官证编号军字第 0071 9346 号", FindingKind.MILITARY_ID, "军字第 0071 9346 号"),
        ("海字第2371275075号", FindingKind.MILITARY_ID, "海字第2371275075号"),
        ("护照号【E 4715 4067】", FindingKind.PASSPORT, "E 4715 4067"),
        ('{"type":"台胞证","no":"20788130"}', FindingKind.TRAVEL_PERMIT, "20788130"),
        ("证件类型：回乡证 证件号：M2963516161", FindingKind.TRAVEL_PERMIT, "M2963516161"),
        ("台湾居民来往大陆通行证 号码 77319480", FindingKind.TRAVEL_PERMIT, "77319480"),
        ("持C32223266号港澳通行证赴港", FindingKind.TRAVEL_PERMIT, "C32223266"),
        ("return permit of the holder: H12345678", FindingKind.TRAVEL_PERMIT, "H12345678"),
    ],
)
def test_a_word_makes_a_document(text: str, kind: FindingKind, value: str) -> None:
    """Before the number, behind it, or with the name of the next field between."""
    assert _found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "回乡证有效期至20311231",
        "H20788130号胶囊",
        "零件号 G50458924",
        'scenario_code="E14362840"',
        "房权证号海字第20190719号",
        "回乡证办理,电话20788130",
        "持20201111号台胞证",
    ],
)
def test_what_only_looks_like_a_document(text: str) -> None:
    """Parts, drugs, deeds, dates: no finding of a document."""
    kinds = {kind for kind, _ in _found(text)}
    assert not kinds & {FindingKind.PASSPORT, FindingKind.TRAVEL_PERMIT, FindingKind.MILITARY_ID}
