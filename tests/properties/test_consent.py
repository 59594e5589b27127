"""Whatever happens to a question in whatever order: what stands was served and chosen, and a no is left in peace."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from shouxin.consent.consent import Consent, Served, withdraw
from shouxin.consent.transitions import Answer, ask_again_from, choose, serve, state_of
from shouxin.domain.clock import DAY, Instant
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import CallerError

WHO = SubjectId(b"w" * 16)
DAYS = 30
STEPS = st.tuples(
    st.sampled_from(["serve", "agree", "refuse", "withdraw"]),
    st.integers(0, 40 * DAY),
    st.integers(1, 3),
    st.sampled_from(["zh", "en"]),
)


def digest_of(version: int, language: str) -> bytes:
    """The digest of an invented notice."""
    return hashlib.sha256(f"{version}/{language}".encode()).digest()


def step(now: Instant, what: str, version: int, language: str, last: Consent | None) -> Consent:
    """One thing that somebody tries."""
    notice = digest_of(version, language)
    if what == "serve":
        shown = Served(WHO, "a.purpose", version, language, "separate-consent", "sensitive", notice, now, "app")
        return serve(shown, last, DAYS)
    assert last is not None
    if what == "withdraw":
        return withdraw(last, now)
    return choose(last, Answer(notice, version, language, agreed=what == "agree", at=now))


@given(st.lists(STEPS, max_size=12))
def test_a_question_never_stands_without_its_notice_and_never_presses(steps: list[tuple[str, int, int, str]]) -> None:
    """A random walk: every refused step changes nothing, every accepted one keeps the promises."""
    last: Consent | None = None
    now, said_no = Instant(1), None
    for what, later, version, language in steps:
        now = Instant(now + later)
        if last is None and what != "serve":
            continue
        before = None if last is None else replace(last)
        try:
            after = step(now, what, version, language, last)
        except CallerError:
            assert last == before
            continue
        if what == "serve":
            assert said_no is None or now >= said_no + DAYS * DAY, "asked again too early"
            assert not after.stands
        if after.stands:
            assert (after.version, after.language) == (version, language)
            assert after.notice == digest_of(version, language)
            assert after.given is not None
            assert after.given >= after.notified
        if what in {"refuse", "withdraw"}:
            said_no = now
            assert ask_again_from(after, DAYS) == now + DAYS * DAY
        last = after
        assert state_of(last).value in {"served", "agreed", "refused", "withdrawn"}
