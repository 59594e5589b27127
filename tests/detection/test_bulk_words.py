"""The usual forms of values behind a word: never another answer than the rule's, and the common ones are decided."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from shouxin.detection.bulk_words import USUAL
from shouxin.detection.labelled import Labelled, rows_at_word
from shouxin.detection.plain import rules_by_word
from shouxin.detection.token_arrays import AFTER

_GAPS = ("", ":", "=", " ", ": ", "：", "号:", "号：", "日期:", "日期 ", "日期=", "日期：", ".", ",", "号 :", "\n")
_VALUES = (
    *("1", "12345", "123456", "1000100", "0123456", "12345678901", "123456789012", "1" * 21, "1" * 22, "1" * 30),
    *("123 4567", "1234-567", "123456.", "123456.5"),
    *("12345.67元", "5.元", "5.1234元", "5.12345元", "1,200元", "88元", "88 元"),
    *("1990-01-02", "1890/1/2", "1990.01.02", "2090-41-02", "1990-01-42", "1790-01-02", "19900102", "1990-01-02T08:00"),
    *("abc_12", "abc-1", "wechat", "abcdefg", "a" * 19 + "1", "a" * 20 + "1", "a1" * 12),
    *("_abc12", "1abcdef", "number7"),
)
_TAILS = ("", " ", "a", "5", "_", "-", ".", ".5", "元", "，", "T12:", " 5", "/", "\0")


def _usual_rules() -> list[tuple[bytes, Labelled]]:
    return [(word, rule) for word, rules in rules_by_word().items() for rule in rules if rule.usual]


def _decided(rule: Labelled, data: bytes, end: int) -> tuple[int, int] | None:
    octets = np.frombuffer(data + b"\0" * AFTER, np.uint8)
    starts, ends = USUAL[rule.usual](octets, np.array([end]))
    return None if starts[0] < 0 else (int(starts[0]), int(ends[0]))


@pytest.mark.parametrize("name", USUAL)
def test_a_form_decides_only_what_the_rule_would_say(name: str) -> None:
    """Wherever a form fits, expression and judge of each rule that names it give the same row."""
    rules = [(word, rule) for word, rule in _usual_rules() if rule.usual == name][:2]
    decided = 0
    for (word, rule), gap, value, tail in product(rules, _GAPS, _VALUES, _TAILS):
        data = word + f"{gap}{value}{tail}".encode()
        span = _decided(rule, data, len(word))
        if span:
            decided += 1
            assert [row[1:3] for row in rows_at_word(rule, data, 0, len(word))] == [span], data
    assert decided > 100


@pytest.mark.parametrize(
    ("word", "text", "value"),
    [
        ("qq", ":10001000 x", "10001000"),
        ("微信", "号:zhang_123456 ", "zhang_123456"),
        ("出生", "日期 1990-01-02 客户", "1990-01-02"),
        ("金额", "12345.67元 ", "12345.67元"),
    ],
)
def test_the_common_forms_are_decided(word: str, text: str, value: str) -> None:
    """What logs are full of is not left to the expressions."""
    data = (word + text).encode()
    spans = [_decided(rule, data, len(word.encode())) for each, rule in _usual_rules() if each == word.encode()]
    assert [data[start:end].decode() for start, end in filter(None, spans)] == [value]


def test_every_form_that_a_rule_names_is_there() -> None:
    """A rule with a misspelt form would never be tried by arrays."""
    assert {rule.usual for _, rule in _usual_rules()} == set(USUAL)
