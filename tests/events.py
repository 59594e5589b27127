"""Events for tests, made from the vocabulary itself, so that a new kind is tested on the day it is added."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from shouxin.domain.clock import Instant
from shouxin.domain.event import Event, Fact
from shouxin.domain.event_kind import Channel, EventKind, Initiative
from shouxin.domain.identifiers import EventId, OperationId, new
from shouxin.domain.vocabulary import VOCABULARY

DIGEST: Final = "0123456789abcdef" * 4
# Values of every type that a fact can have; the first that fits a fact is its example. Codes stand before digests
# because a digest has the form of a code too.
_EXAMPLES: Final[list[Fact]] = ["analyst", DIGEST, 7, ["credit.review"], ["CN-PIPL-6-1"], "branch", "person"]

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_CODES: Final = st.builds(
    lambda first, rest, digits: first + rest + digits,
    st.sampled_from(_LETTERS),
    st.text("abcdefghijklmnopqrstuvwxyz_.:+-", max_size=74),
    st.text("0123456789", max_size=5),
)
_RULES: Final = st.builds(
    str.__add__,
    st.sampled_from(_LETTERS + _LETTERS.upper()),
    st.text(_LETTERS + _LETTERS.upper() + "._:-", max_size=79),
)
_DIGESTS: Final = st.binary(min_size=32, max_size=32).map(bytes.hex)
_COUNTS: Final = st.integers(0, (1 << 53) - 1)
_INSTANTS: Final = st.integers(0, 253_402_300_799_999)  # until the end of the year 9999
# A sample that fits one type and no later one, with everything that this type allows.
_TYPES: Final[list[tuple[Fact, st.SearchStrategy[Any]]]] = [
    ("analyst", _CODES),
    (DIGEST, _DIGESTS),
    ((1 << 53) - 1, _COUNTS),
    (7, _INSTANTS),
    (["a+b"], st.lists(_CODES, max_size=4)),
    (["A"], st.lists(_RULES, max_size=4)),
    ("branch", st.sampled_from([str(one) for one in Channel])),
    ("person", st.sampled_from([str(one) for one in Initiative])),
]


def facts_of(kind: EventKind) -> dict[str, Fact]:
    """Return facts that fit ``kind``."""
    fits = VOCABULARY[kind][1]
    return {name: next(value for value in _EXAMPLES if fit(value)) for name, fit in fits.items()}


def an_event(kind: EventKind = EventKind.SIGN_IN_ENDED, /, *, at: int = 1_700_000_000_000, **changed: Any) -> Event:
    """Return a fresh event of ``kind`` that fits its vocabulary, but for what is ``changed``."""
    return Event(kind, Instant(at), new(EventId), new(OperationId), facts_of(kind) | changed)


def events() -> st.SearchStrategy[Event]:
    """Return a strategy for every event that the vocabulary allows."""
    identifiers = st.binary(min_size=16, max_size=16)

    def of(kind: EventKind) -> st.SearchStrategy[Event]:
        fits = VOCABULARY[kind][1]
        facts = {name: next(made for sample, made in _TYPES if fit(sample)) for name, fit in fits.items()}
        return st.builds(
            Event,
            st.just(kind),
            _COUNTS.map(Instant),
            identifiers.map(EventId),
            identifiers.map(OperationId),
            st.fixed_dictionaries(facts),
        )

    return st.sampled_from(EventKind).flatmap(of)
