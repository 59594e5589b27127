from __future__ import annotations

from shouxin.actors.account import Token
from shouxin.domain.clock import HOUR, Instant
from shouxin.web.sessions import Session, Sessions
from tests.operations.portfolio import Hands


def held(clock: Hands, hours: int = 8) -> tuple[Sessions, str]:
    """A session that ends in so many hours."""
    sessions = Sessions(clock)
    return sessions, sessions.open(Session(Instant(clock.at + hours * HOUR), token=Token("t"), name="mei"))


def test_a_session_ends_when_nobody_clicks() -> None:
    """Half an hour without a click, and it is over; each click begins the half hour anew."""
    clock = Hands()
    sessions, cookie = held(clock)
    for _ in range(3):
        clock.on(minutes=29)
        assert sessions.find(cookie) is not None
    clock.on(minutes=30)
    assert sessions.find(cookie) is None
    clock.on(minutes=-29)
    assert sessions.find(cookie) is None


def test_a_session_ends_with_what_it_stands_for() -> None:
    """However often somebody clicks."""
    clock = Hands()
    sessions, cookie = held(clock, 1)
    for _ in range(5):
        clock.on(minutes=10)
        assert sessions.find(cookie) is not None
    clock.on(minutes=10)
    assert sessions.find(cookie) is None


def test_a_cookie_is_not_in_the_memory_and_opens_nothing_closed() -> None:
    """What is kept is a digest; closing forgets it; another cookie is nobody's."""
    sessions, cookie = held(Hands())
    assert cookie not in repr(vars(sessions))
    assert sessions.find(cookie + "x") is None
    sessions.close(cookie)
    assert sessions.find(cookie) is None


def test_what_is_said_is_said_once() -> None:
    """The next page says it, the one after it does not."""
    sessions, cookie = held(Hands())
    sessions.say(cookie, "order-agree")
    assert [one.said for one in (sessions.find(cookie), sessions.find(cookie)) if one] == ["order-agree", ""]


def test_the_token_of_a_form_is_one_browsers_and_one_processes() -> None:
    """Another cookie has another, and so has another server."""
    one, other = Sessions(Hands()), Sessions(Hands())
    assert len({one.form_token("a"), one.form_token("b"), other.form_token("a")}) == 3
    assert one.form_token("a") == one.form_token("a")
