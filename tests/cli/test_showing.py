from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from shouxin.cli.showing import columns, printable


@given(st.text())
def test_nothing_shown_moves_the_cursor(text: str) -> None:
    """Control, format and line characters are spelled out; everything that is seen stays."""
    shown = printable(text)
    assert "\x1b" not in shown
    assert "\n" not in shown
    assert "\u202e" not in shown
    if text.isprintable():
        assert shown == text


def test_columns_line_up_under_wide_characters() -> None:
    """A Chinese character takes two places; nothing is cut."""
    head, first, second = columns(("NAME", "X"), [("王小明", "1"), ("Ng", "2" * 200)])
    assert cell_len(str(first).split("1")[0]) == cell_len(str(second).split("2")[0])
    assert str(head).startswith("NAME")
    assert str(second).endswith("2" * 200)


def test_an_empty_table_says_so() -> None:
    """No rows, no heads: a word."""
    assert columns(("A",), [], "nobody") == ["nobody"]
