from __future__ import annotations

import random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.detection import plain
from shouxin.detection.bulk import finder
from shouxin.detection.checksums import luhn_check_digit
from shouxin.detection.column_evidence import LONGEST, kinds_of, merged, observe
from shouxin.detection.columns import Certainty, classify, judge
from shouxin.detection.survey.words import explain_column

RNG = random.Random(5)
MOBILES: Final = [f"154{RNG.randrange(10**8):08}" for _ in range(60)]
CARDS: Final = [body + luhn_check_digit(body) for body in (f"620000{RNG.randrange(10**12):012}" for _ in range(60))]
ORDERS: Final = [str(RNG.randrange(62 * 10**14, 63 * 10**14)) for _ in range(2_000)]
VALUES = st.sampled_from([*MOBILES[:5], *CARDS[:5], *ORDERS[:5], "张伟", "", "12", "call 15400000001 now"])


@given(st.lists(VALUES), st.lists(VALUES))
def test_evidence_of_parts_adds_up(first: list[str], second: list[str]) -> None:
    """Looking at two halves shows what looking at the whole shows."""
    assert merged(observe("note", first), observe("note", second)) == observe("note", first + second)


def test_both_engines_see_the_same() -> None:
    """The evidence does not depend on the engine."""
    values = [*MOBILES, *CARDS, *ORDERS, "x 15400000001 y"]
    assert observe("c", values, finder()) == observe("c", values)


def test_evidence_holds_counts_and_no_value() -> None:
    """Whatever is kept of a column, no value is in it; the count of a value that was too long says so."""
    kept = observe("mobile", [*MOBILES, "x" * (LONGEST + 1), None, " "])
    assert (kept.values, kept.empty, kept.cut, kept.whole) == (61, 2, 1, {"mobile": 60})
    assert not any(value in repr(kept) for value in MOBILES)
    assert "mobile" in repr(kept)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("academic_year_code", ["2023", "2024", "2023-2024", "20232024"] * 50),
        ("cvv_academic_year", ["2023-2024", "2024-2025"] * 100),
        ("scenario_code", [str(number) for number in range(100, 400)]),
        ("order_no", ORDERS),
        ("batch_ref", ORDERS),
        ("note", [f"see {order} for more" for order in ORDERS]),
        ("serial", [f"SO-{order}" for order in ORDERS]),
        ("remark", [f"order {order} was shipped" for order in ORDERS]),
        ("weight", [str(RNG.random() * 1e5) for _ in range(3_000)]),
        ("created_ms", [str(1_700_000_000_000 + RNG.randrange(10**10)) for _ in range(1_000)]),
        ("amount_cents", [str(RNG.randrange(10**7)) for _ in range(1_000)]),
        ("version", [f"{RNG.randrange(9)}.{RNG.randrange(99)}.{RNG.randrange(99)}" for _ in range(1_000)]),
    ],
)
def test_traps_do_not_fire(name: str, values: list[str]) -> None:
    """Codes, order numbers, decimals and times hold no card, no CVN and no phone, also inside longer values."""
    verdict = classify(name, values)
    assert verdict.items == (), verdict
    assert verdict.certainty in {Certainty.NOTHING, Certainty.DOUBTFUL}


def test_cards_in_free_text_are_no_chance() -> None:
    """A few real cards among many texts are found, although they are fewer than chance would make of numbers."""
    values = ["called the customer"] * 950 + [f"paid with {card}" for card in CARDS[:50]]
    verdict = classify("remark", values)
    assert verdict.items == ("account.card_number",)
    assert verdict.certainty is Certainty.CONTAINS


def test_evidence_is_judged_by_the_rules_of_today() -> None:
    """Evidence of rules that knew another kind, and other items, is judged without it."""
    old = observe("mobile", MOBILES)
    old.whole["telegram"] = 3
    old.looks["contact.pager"] = 3
    assert judge(old).items == ("contact.mobile",)


def test_columns_that_are_scanned_together_show_what_each_shows_alone() -> None:
    """Neighbours say nothing of one another: no label, no account beside an amount, no value of the column before."""
    columns = {
        "mobile": [f"138001380{at:02}" for at in range(40)],
        "note": ["手机", "卡号", "余额", "密码是"],
        "number": ["13800138000", "6222021001122334", "1234", "110101199003070678", "90.5元"],
        "memo": ["金额 500元"],
        "phone": MOBILES[:3],
        "empty": [],
        "text": ["联系电话 13900139000，备用 13700137000", "无", "x" * 3000],
    }
    apart = {name: kinds_of({name: values}, finder())[name] for name, values in columns.items()}
    assert kinds_of(columns, finder()) == kinds_of(columns, plain.find) == apart
    assert apart["mobile"][0] == {"mobile": 40}
    for name, values in columns.items():
        shown = observe(name, values)
        assert (shown.whole, shown.inside) == apart[name]


def test_what_stands_far_behind_in_a_cell_is_found() -> None:
    """Numbers behind twenty thousand characters of a cell are found, also where many such cells stand together."""
    cells = ["x" * 20_000 + f" mobile {one}" for one in MOBILES]
    kept = observe("note", cells)
    assert (kept.values, kept.cut, kept.inside) == (60, 0, {"mobile": 60})


def test_a_cell_that_was_cut_leaves_a_doubt() -> None:
    """A column of cells that nobody looked at whole is not clean: the verdict says so, and the words do."""
    kept = observe("note", ["x" * 200] * 5 + ["short"], longest=100)
    verdict = judge(kept)
    assert (kept.cut, verdict.certainty, verdict.items) == (5, Certainty.DOUBTFUL, ())
    assert "cut" in verdict.reasons
    assert "5 values are too long" in explain_column(verdict, kept, "en")
