"""A plan file reads exactly, and says of each column of a table what becomes of it."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.demo.cast import plan_of_applications
from shouxin.domain.identifiers import InstitutionId
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid
from shouxin.keys.suite import INTL
from shouxin.operations.collecting.intake import Intake, Plan
from shouxin.operations.collecting.plan_file import IntakeBuilder, items_of, read_plan
from shouxin.operations.consenting.choose import Choice
from shouxin.vault.index import Tagger

TODAY = date(2026, 1, 31)
TAGGER = Tagger(INTL, InstitutionId(bytes(16)), bytes(32))
MOBILE = ItemCode("contact.mobile")
PLAIN = 'source = "core"\npurposes = ["credit.review", "marketing"]\n'
FULL = (
    PLAIN
    + """\
language = "en"
began = "signed_on"
months = "months"
contact_purposes = ["emergency.contact"]
edge_purpose = "emergency.link"
[agreed]
marketing = "wants_offers"
[customers]
decision = "good"
[tokens."address_book.tokens"]
column = "phone book"
item = "contact.mobile"
separator = "|"
[[contacts]]
columns = { "emergency.name" = "friend", "emergency.mobile" = "friend_mobile" }
joining = { "emergency.relation" = "friend_is" }
agreed = { "emergency.contact" = "friend_agreed" }
"""
)
LINE = {
    "identity.name": "王小明",
    "contact.mobile": "13911112222",
    "contact.email": "",
    "signed_on": "2026-01-31",
    "months": "1",
    "wants_offers": "是",
    "decision": "good",
    "phone book": "13911113333|139 1111 4444|13911113333|",
    "friend": "李雷",
    "friend_mobile": "13911115555",
    "friend_is": "朋友",
    "friend_agreed": "no",
    "note": "x",
}


def _built(text: str = FULL, **changes: str) -> Intake:
    return IntakeBuilder(read_plan(text), TAGGER, TODAY)(7, {**LINE, **changes})


def test_a_line_becomes_a_person_with_choices_contacts_and_a_relationship() -> None:
    """Each column goes where the plan says; what is empty goes nowhere."""
    made = _built()
    assert made.line == 7
    assert set(made.person.values) == {"identity.name", "contact.mobile", "address_book.tokens"}
    assert made.person.choices == (
        Choice("credit.review", "en", agreed=False, silent=True),
        Choice("marketing", "en", agreed=True),
    )
    ((friend, joining),) = made.contacts
    assert {item: value.text() for item, value in friend.values.items()} == {
        "emergency.name": "李雷",
        "emergency.mobile": "13911115555",
    }
    assert {item: value.text() for item, value in joining.items()} == {"emergency.relation": "朋友"}
    assert friend.choices == (Choice("emergency.contact", "en", agreed=False),)
    assert (made.began, made.expected_end) == (date(2026, 1, 31), date(2026, 2, 28))
    assert read_plan(FULL).plan() == Plan(
        "core", ("credit.review", "marketing"), ("emergency.contact",), "emergency.link"
    )


def test_of_a_list_of_identifiers_only_tokens_are_kept() -> None:
    """Equal numbers have equal tokens, written as one likes; the numbers themselves are nowhere."""
    text = _built().person.values[ItemCode("address_book.tokens")].text()
    wanted = {TAGGER.inner(MOBILE, number).hex() for number in ("13911113333", "13911114444")}
    assert text.split() == sorted(wanted)
    assert "1391111" not in text
    assert ItemCode("address_book.tokens") not in _built(**{"phone book": " | "}).person.values


def test_agreement_by_what_is_given() -> None:
    """A source that fills a column only for who agreed says so by filling it."""
    text = FULL.replace("[agreed]", "[agreed_if_given]")
    assert [one.agreed for one in _built(text).person.choices] == [False, True]
    assert [one.agreed for one in _built(text, wants_offers=" ").person.choices] == [False, False]


@pytest.mark.parametrize(
    ("changes", "began", "end"),
    [
        ({"decision": "bad"}, None, None),
        ({"signed_on": ""}, None, None),
        ({"months": ""}, TODAY, None),
        ({"months": "0"}, TODAY, TODAY),
    ],
)
def test_who_is_a_customer(changes: dict[str, str], began: date | None, end: date | None) -> None:
    """A relationship has begun only for whom the plan calls a customer, and with a date where it names a column."""
    made = _built(**changes)
    assert (made.began, made.expected_end) == (began, end)


def test_without_a_date_a_customer_is_one_from_today() -> None:
    """Only where the plan says who is a customer; a plan that says nothing knows no relationship."""
    assert _built(FULL.replace('began = "signed_on"\n', "")).began == TODAY
    assert _built(PLAIN).began is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("signed_on", "yesterday"),
        ("months", "-1"),
        ("months", "twelve"),
        ("months", "٣"),
        ("months", "9999"),
        ("wants_offers", "perhaps"),
        ("friend_agreed", "2"),
        ("phone book", "nobody"),
    ],
)
def test_what_does_not_fit_is_named_by_its_column(column: str, value: str) -> None:
    """The line is refused with a place and without its content."""
    with pytest.raises(Invalid) as refusal:
        _built(**{column: value})
    assert refusal.value.place == ("contact.mobile" if column == "phone book" else column)
    assert value not in refusal.value.detail.removeprefix(refusal.value.place)


def test_nobody_named_is_nobody() -> None:
    """A line with empty columns names no contact."""
    assert _built(friend="", friend_mobile="").contacts == ()


def test_columns_that_nothing_takes_are_told() -> None:
    """Neither an item nor named by the plan."""
    build = IntakeBuilder(read_plan(FULL), TAGGER, TODAY)
    build(1, LINE)
    assert build.unused == {"note"}


MISTAKES = {
    "no TOML": "source =",
    "nested too deeply": "x = " + "[" * 5000 + "]" * 5000,
    "an unknown field": PLAIN + 'colour = "red"',
    "no purpose": 'source = "core"\npurposes = []',
    "no source": 'source = ""\npurposes = ["a"]',
    "another language": PLAIN + 'language = "fr"',
    "a choice for another purpose": PLAIN + '[agreed]\nother = "x"',
    "a choice said twice": PLAIN + '[agreed]\nmarketing = "x"\n[agreed_if_given]\nmarketing = "y"',
    "two ends": PLAIN + 'began = "a"\nexpected_end = "b"\nmonths = "c"',
    "an end without a beginning": PLAIN + 'months = "c"',
    "contacts for nothing": PLAIN + '[[contacts]]\ncolumns = { "emergency.name" = "x" }',
    "a link for nothing": FULL.replace('edge_purpose = "emergency.link"\n', ""),
    "a contact's choice for another purpose": FULL.replace('{ "emergency.contact" =', '{ "marketing" ='),
    "a column for no item": FULL.replace('"emergency.name" =', '"emergency.shoe" ='),
    "tokens of what is not indexed": FULL.replace('item = "contact.mobile"', 'item = "identity.name"'),
    "tokens without a separator": FULL.replace('separator = "|"', 'separator = ""'),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_plan_that_contradicts_itself_is_refused(mistake: str) -> None:
    """Each with the file as its place, and the line where the text itself is at fault."""
    with pytest.raises(Invalid) as refusal:
        read_plan(MISTAKES[mistake], "plan.toml")
    assert refusal.value.place.partition(":")[0] == "plan.toml"


@given(st.dictionaries(st.sampled_from([*LINE, "other"]), st.text(max_size=20)))
def test_no_line_breaks_the_builder(line: dict[str, str]) -> None:
    """Whatever stands in a line, it is an intake or it is refused by its column."""
    with contextlib.suppress(Invalid):
        made = IntakeBuilder(read_plan(FULL), TAGGER, TODAY)(1, line)
        assert made.line == 1


def test_only_columns_named_by_an_item_are_items() -> None:
    """And only where something stands in them."""
    assert set(items_of(LINE)) == {"identity.name", "contact.mobile"}


def test_the_plan_of_the_demo_reads(tmp_path: Path) -> None:
    """It is the one that the story is told with."""
    assert plan_of_applications().plan().edge_purpose == "emergency.contact"


@pytest.mark.parametrize(("said", "told"), [("yes", True), ("no", False), ("", False)])
def test_a_contact_who_had_no_notice_chose_nothing(said: str, told: bool) -> None:
    """The column says whether they were told; a word that is neither sets the line aside."""
    text = FULL.replace("[[contacts]]", '[[contacts]]\ntold = "friend_told"')
    ((friend, _),) = _built(text, friend_told=said).contacts
    assert bool(friend.choices) is told
    with pytest.raises(Invalid, match="friend_told"):
        _built(text, friend_told="perhaps")
