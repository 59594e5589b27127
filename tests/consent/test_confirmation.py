"""A code confirms one notice for one person, once, in time, and says nothing when it is wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from shouxin.consent.confirmation import (
    ATTEMPTS,
    LASTS,
    TRANSITIONS,
    Challenge,
    ChallengeEvent,
    ChallengeState,
    Confirmation,
    attempt,
    challenge,
    follow,
)
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Invalid, NotInThisState

WHO, NOTICE, KEY, NOW = SubjectId(b"w" * 16), bytes(range(32)), b"k" * 32, Instant(1_000_000)
TITLE = "视频面签"
LEGAL = {
    "open": {"match": "confirmed", "miss": "open", "exhaust": "exhausted", "expire": "expired"},
    "confirmed": {},
    "exhausted": {},
    "expired": {},
}


def chance(seed: int = 7) -> Callable[[int], int]:
    """Seeded numbers, so that a failure repeats."""
    return random.Random(seed).randrange


def made(seed: int = 7) -> tuple[Challenge, str]:
    """A challenge and its code."""
    one, code = challenge(WHO, NOTICE, TITLE, KEY, NOW, chance(seed))
    return one, code.text()


def typed(one: Challenge, code: str, at: int = NOW, **other: object) -> tuple[Challenge, Confirmation | None]:
    """What comes of typing."""
    said = {"subject": WHO, "notice": NOTICE, "title": TITLE, "key": KEY, **other}
    return attempt(one, code=code, now=Instant(at), **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(("state", "event"), list(product(ChallengeState, ChallengeEvent)))
def test_every_pair_follows_the_table_or_raises(state: ChallengeState, event: ChallengeEvent) -> None:
    """A legal event leads to its state; an illegal one raises and names both."""
    expected = LEGAL[state].get(event)
    if expected is None:
        with pytest.raises(NotInThisState, match=f"{state}.*{event}"):
            follow(state, event)
    else:
        assert follow(state, event) == expected
    assert {pair[0] for pair in TRANSITIONS} == {ChallengeState.OPEN}


def test_the_right_code_confirms_once() -> None:
    """The confirmation names person, notice and time; the same code does nothing afterwards."""
    one, code = made()
    done, confirmed = typed(one, code, NOW + 10)
    assert confirmed is not None
    assert (confirmed.subject, confirmed.notice, confirmed.at) == (WHO, NOTICE, NOW + 10)
    assert len(confirmed.seal) == 32
    assert done.state is ChallengeState.CONFIRMED
    with pytest.raises(NotInThisState):
        typed(done, code, NOW + 11)


def test_a_code_has_six_digits_and_is_kept_nowhere() -> None:
    """Leading zeroes included, all values as likely as the numbers that come in; the challenge does not hold it."""
    _, zeroes = challenge(WHO, NOTICE, TITLE, KEY, NOW, lambda n: 42 % n)
    assert zeroes.text() == "000042"
    one, code = made()
    assert len(code) == 6
    assert code.isdigit()
    assert code not in repr(one)
    _, secret = challenge(WHO, NOTICE, TITLE, KEY, NOW, chance())
    assert code not in f"{secret!r} {secret}"
    asked: list[int] = []
    challenge(WHO, NOTICE, TITLE, KEY, NOW, lambda n: asked.append(n) or 0)
    assert asked == [10**6, 1 << 128]


@pytest.mark.parametrize(
    "other",
    [
        {"subject": SubjectId(b"x" * 16)},
        {"notice": bytes(32)},
        {"title": "视频"},
        {"title": ""},
        {"key": b"z" * 32},
    ],
)
def test_the_code_is_for_this_person_notice_and_title_only(other: dict[str, object]) -> None:
    """Anything else is a miss like any other, and costs an attempt."""
    one, code = made()
    after, confirmed = typed(one, code, **other)
    assert confirmed is None
    assert (after.state, after.attempts_left) == (ChallengeState.OPEN, ATTEMPTS - 1)
    assert typed(after, code)[1] is not None, "the right one still confirms"


def test_five_attempts_and_no_more() -> None:
    """The fifth miss ends it; the right code comes too late then, and in the fifth attempt it does not."""
    one, code = made()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for left in (4, 3, 2, 1):
        one, confirmed = typed(one, wrong)
        assert (confirmed, one.attempts_left, one.state) == (None, left, ChallengeState.OPEN)
    assert typed(one, code)[1] is not None
    over, confirmed = typed(one, wrong)
    assert (confirmed, over.state) == (None, ChallengeState.EXHAUSTED)
    with pytest.raises(NotInThisState):
        typed(over, code)


def test_after_five_minutes_it_is_late() -> None:
    """A millisecond before the end it confirms; at the end it does not, and never again, whatever the clock says."""
    one, code = made()
    assert typed(one, code, NOW + LASTS - 1)[1] is not None
    late, confirmed = typed(one, code, NOW + LASTS)
    assert (confirmed, late.state) == (None, ChallengeState.EXPIRED)
    with pytest.raises(NotInThisState):
        typed(late, code, NOW)


def test_the_end_and_the_salt_cannot_be_changed_unseen() -> None:
    """Both are bound by the digest: a stored challenge made longer, or given another's salt, confirms nothing."""
    one, code = made()
    assert typed(replace(one, expires=Instant(one.expires + 1)), code)[1] is None
    assert typed(replace(one, salt=bytes(16)), code)[1] is None
    assert typed(one, code)[1] is not None


def test_full_width_typing_and_blanks_make_no_difference() -> None:
    """A Chinese keyboard's full-width digits are the same code."""
    one, code = made()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert typed(one, f" {wide}\u3000", title=f" {TITLE} ")[1] is not None


def test_the_seal_is_bound_to_time_notice_and_key() -> None:
    """Another time, another challenge or another key makes another seal."""
    one, code = made()
    other, other_code = made(8)
    seals = [typed(one, code, NOW)[1], typed(one, code, NOW + 1)[1], typed(other, other_code, NOW)[1]]
    assert len({seal.seal for seal in seals if seal}) == 3


def test_what_cannot_be_read_is_a_miss_and_what_cannot_protect_is_refused() -> None:
    """Half a character is only wrong; a short key or an empty title makes no challenge."""
    one, _ = made()
    assert typed(one, "\ud800", title="\ud800")[1] is None
    with pytest.raises(Invalid, match="32 bytes"):
        challenge(WHO, NOTICE, TITLE, b"short", NOW, chance())
    with pytest.raises(Invalid, match="title"):
        challenge(WHO, NOTICE, " ", KEY, NOW, chance())
