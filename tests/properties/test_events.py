"""Nothing but the vocabulary reaches the ledger, whatever somebody tries to say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.event import Event, check
from shouxin.domain.event_kind import EventKind
from shouxin.domain.vocabulary import VOCABULARY
from shouxin.errors import Invalid
from shouxin.ledger.entry import encode
from tests.events import an_event, events

PLACES = [(kind, name) for kind in EventKind for name in VOCABULARY[kind][1]]
NAMES = st.sampled_from(PLACES)
# Text that no code, rule or digest can be: a blank, a character outside ASCII, or one that no alphabet has.
FREE_TEXT = st.one_of(
    st.text(min_size=1).filter(lambda text: not text.isascii() or " " in text),
    st.text("张王李赵三四五六", min_size=1, max_size=4),
    st.from_regex(r"[A-Za-z0-9]{1,20}[ @/\\'\"#,;=()\n\t][A-Za-z0-9]{1,20}", fullmatch=True),
)
OTHER_VALUES = st.one_of(
    FREE_TEXT,
    st.lists(FREE_TEXT, min_size=1, max_size=3),
    st.tuples(st.sampled_from(["analyst", "dpo"]), FREE_TEXT).map(list),
    st.floats(),
    st.none(),
    st.booleans(),
    st.binary(max_size=40),
    st.integers(max_value=-1),
    st.integers(min_value=1 << 53),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
    st.lists(st.integers(), min_size=1, max_size=2),
    st.text("a", min_size=81, max_size=100),
)


@given(events())
def test_every_event_of_the_vocabulary_passes(event: Event) -> None:
    """What the vocabulary allows is accepted."""
    check(event)


@given(NAMES, OTHER_VALUES)
def test_no_other_value_passes_in_any_fact(place: tuple[EventKind, str], value: Any) -> None:
    """Free text, Chinese characters, blanks, bytes, floats and nested values are refused in every fact."""
    kind, name = place
    with pytest.raises(Invalid):
        check(an_event(kind, **{name: value}))


@given(NAMES, FREE_TEXT)
def test_a_refusal_does_not_repeat_the_value(place: tuple[EventKind, str], value: str) -> None:
    """The error names kind and fact, so that a log of errors holds nobody's name either."""
    kind, name = place
    marked = f"王小明{value}"
    with pytest.raises(Invalid) as caught:
        check(an_event(kind, at=0, **{name: marked}))
    assert "王小明" not in str(caught.value)
    assert kind in str(caught.value)
    assert name in str(caught.value)


@given(st.sampled_from(EventKind), st.text(max_size=20), st.text(max_size=20))
def test_no_unknown_fact_passes(kind: EventKind, name: str, value: str) -> None:
    """A fact that the vocabulary does not have is refused, whatever it says."""
    if name not in VOCABULARY[kind][1]:
        with pytest.raises(Invalid):
            check(an_event(kind, at=0, **{name: value}))


@given(st.sampled_from(EventKind), st.data())
def test_no_missing_fact_passes(kind: EventKind, data: st.DataObject) -> None:
    """An event that leaves out any of its facts is refused."""
    whole = an_event(kind)
    left_out = data.draw(st.sets(st.sampled_from(sorted(whole.facts)), min_size=1))
    with pytest.raises(Invalid):
        check(replace(whole, facts={name: value for name, value in whole.facts.items() if name not in left_out}))


@given(events())
def test_an_entry_holds_ascii_only(event: Event) -> None:
    """The bytes of every entry are printable ASCII without blanks: no name in any script can stand there."""
    assert all(0x21 <= byte <= 0x7E for byte in encode(event))


@given(st.from_regex(r"[a-z0-9_.:+-]{0,4}(?:[0-9][_.:+-]?){7}[a-z0-9]{0,4}", fullmatch=True))
def test_no_number_of_a_person_is_a_code(number: str) -> None:
    """Seven digits anywhere in a code are too many, so no telephone, card or identity number passes as one."""
    with pytest.raises(Invalid):
        check(an_event(EventKind.COLLECTION_MOVED, source=number))
    with pytest.raises(Invalid):
        check(an_event(EventKind.DISCLOSURE_MADE, members=number))
