"""The ledger's language: each kind of event with exactly its facts, and no other word."""

from __future__ import annotations

from typing import Any

import pytest

from shouxin.domain.clock import Instant
from shouxin.domain.event import Event, check
from shouxin.domain.event_kind import EventKind, EventStage
from shouxin.domain.identifiers import EventId, OperationId
from shouxin.domain.vocabulary import VOCABULARY
from shouxin.errors import Invalid
from tests.events import DIGEST, an_event, facts_of

ENVELOPE = {"at", "event", "id", "op", "v"}


def test_every_kind_has_its_vocabulary() -> None:
    """No kind of event is without a list of its facts, and none of them looks like part of the envelope."""
    assert set(VOCABULARY) == set(EventKind)
    assert not any(ENVELOPE & wanted.keys() for _, wanted in VOCABULARY.values())


@pytest.mark.parametrize("kind", EventKind)
def test_an_event_with_its_facts_passes(kind: EventKind) -> None:
    """What the vocabulary asks for is accepted."""
    check(an_event(kind))


@pytest.mark.parametrize("kind", EventKind)
def test_a_missing_or_added_fact_is_refused(kind: EventKind) -> None:
    """An event that says less or more than its vocabulary is refused, and the error names the fact."""
    whole = an_event(kind)
    for name in whole.facts:
        less = {key: value for key, value in whole.facts.items() if key != name}
        with pytest.raises(Invalid, match=name):
            check(Event(kind, whole.at, whole.event_id, whole.operation, less))
    with pytest.raises(Invalid, match="remark"):
        check(an_event(kind, remark="analyst"))


@pytest.mark.parametrize(
    "value",
    [
        "张三",
        "zhang san",
        "Zhang",
        "",
        "a" * 81,
        "a\n",
        "-a",
        "a@b",
        "sub_ 1",
        None,
        1.0,
        True,
        -1,
        1 << 53,
        b"analyst",
        DIGEST.upper() + " ",
        DIGEST + "\n",
        ["张三"],
        ["a", "b c"],
        ("credit.review",),
        [1],
        {"a": 1},
        [["a"]],
    ],
)
def test_free_text_and_other_types_pass_nowhere(value: Any) -> None:
    """No fact of any kind takes Chinese characters, blanks, capitals in codes, floats, nulls or nested values."""
    for kind in EventKind:
        for name in VOCABULARY[kind][1]:
            with pytest.raises(Invalid) as caught:
                check(an_event(kind, **{name: value}))
            assert "张" not in str(caught.value)
            assert name in str(caught.value)


@pytest.mark.parametrize("value", [DIGEST[:-1], DIGEST + "0", DIGEST.upper(), "g" * 64, "analyst"])
def test_a_digest_has_64_lower_case_hexadecimal_digits(value: str) -> None:
    """What stands where a digest or commitment belongs has its form to the letter."""
    with pytest.raises(Invalid, match="members"):
        check(an_event(EventKind.DISCLOSURE_MADE, members=value))


@pytest.mark.parametrize("source", ["13800138000", "110105194912310021", "a.138-0013.8000", "1234567"])
def test_a_code_that_could_be_a_number_is_refused(source: str) -> None:
    """A source or purpose with more than six digits could be somebody's number, whatever stands between them."""
    with pytest.raises(Invalid):
        check(an_event(EventKind.COLLECTION_MOVED, source=source))
    check(an_event(EventKind.COLLECTION_MOVED, source="branch-2026.11"))


@pytest.mark.parametrize("at", [-1, 1 << 53, "yesterday", 1.5, True, None])
def test_the_time_of_an_event_is_a_count_of_milliseconds(at: Any) -> None:
    """An event whose time is no whole number of milliseconds below 2^53 is refused."""
    with pytest.raises(Invalid):
        check(Event(EventKind.SIGN_IN_ENDED, at, EventId(bytes(16)), OperationId(bytes(16)), facts_of(_ENDED)))


@pytest.mark.parametrize("identifier", [b"", b"13800138000", "张三".encode(), bytes(17)])
def test_the_identifiers_of_an_event_have_16_bytes(identifier: bytes) -> None:
    """A name or a number of another length does not reach the log as an event's or an operation's identifier."""
    right = bytes(16)
    for pair in ((identifier, right), (right, identifier)):
        with pytest.raises(Invalid):
            check(Event(_ENDED, Instant(1), EventId(pair[0]), OperationId(pair[1]), facts_of(_ENDED)))


def test_every_intent_has_an_outcome() -> None:
    """Each concept that announces an intent can also say how it ended."""
    concepts = {
        stage: {kind.split(".")[0] for kind in EventKind if VOCABULARY[kind][0] is stage}
        for stage in (EventStage.INTENT, EventStage.OUTCOME)
    }
    assert concepts[EventStage.INTENT] == concepts[EventStage.OUTCOME]


_ENDED = EventKind.SIGN_IN_ENDED
