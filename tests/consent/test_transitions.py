"""The life of a consent question is exactly its table, and what the table does not show holds too."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from shouxin.consent.consent import Consent, Served, withdraw
from shouxin.consent.transitions import (
    OWN_CONSENT_AGE,
    TRANSITIONS,
    Answer,
    ConsentEvent,
    ConsentState,
    ContactUse,
    ask_again_from,
    choose,
    contact_use,
    follow,
    serve,
    state_of,
)
from shouxin.domain.clock import DAY, Instant, write
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Invalid, NotInThisState
from shouxin.policy.lawpack import load_pack
from shouxin.policy.notice import NoticeKind

LEGAL = {
    "served": {"serve": "served", "agree": "agreed", "refuse": "refused"},
    "agreed": {"withdraw": "withdrawn", "serve": "served"},
    "refused": {"serve": "served"},
    "withdrawn": {"serve": "served"},
}
WHO, PARENT = SubjectId(b"w" * 16), SubjectId(b"p" * 16)
DIGEST, OTHER = bytes(range(32)), bytes(32)
FIRST = Served(WHO, "visit.video", 2, "zh", "separate-consent", "sensitive", DIGEST, Instant(1000), "branch")
ASKED = serve(FIRST, None, 90)
YES = Answer(DIGEST, 2, "zh", agreed=True, at=Instant(2000))
NO = replace(YES, agreed=False)


@pytest.mark.parametrize(("state", "event"), list(product(ConsentState, ConsentEvent)))
def test_every_pair_follows_the_table_or_raises(state: ConsentState, event: ConsentEvent) -> None:
    """A legal event leads to its state; an illegal one raises, names both and leaves the table as it was."""
    before = dict(TRANSITIONS)
    expected = LEGAL[state].get(event)
    if expected is None:
        with pytest.raises(NotInThisState, match=f"{state}.*{event}"):
            follow(state, event)
    else:
        assert follow(state, event) == expected
    assert before == TRANSITIONS


def test_what_was_served_is_recorded_before_any_choice() -> None:
    """Serving makes a question that carries nothing yet, with digest, version, language, channel and time."""
    assert state_of(ASKED) is ConsentState.SERVED
    assert not ASKED.stands
    assert (ASKED.notice, ASKED.version, ASKED.language, ASKED.channel) == (DIGEST, 2, "zh", "branch")
    assert ASKED.notified == 1000


def test_a_yes_stands_and_a_no_does_not() -> None:
    """The choice has its time; a separate consent is marked as one."""
    yes, no = choose(ASKED, YES), choose(ASKED, NO)
    assert (state_of(yes), yes.stands, yes.given, yes.separate) == (ConsentState.AGREED, True, 2000, True)
    assert (state_of(no), no.stands, no.refused, no.separate) == (ConsentState.REFUSED, False, 2000, False)
    plain = serve(replace(FIRST, kind="consent", about="processing"), None, 90)
    assert choose(plain, YES).separate is False


@pytest.mark.parametrize(
    "answer",
    [
        replace(YES, notice=OTHER),
        replace(YES, notice=b""),
        replace(YES, version=3),
        replace(YES, language="en"),
        replace(YES, at=Instant(999)),
    ],
)
def test_nothing_is_chosen_that_was_not_served(answer: Answer) -> None:
    """Another digest, version or language, or a time before serving: refused, for yes and for no."""
    for one in (answer, replace(answer, agreed=False)):
        with pytest.raises(Invalid):
            choose(ASKED, one)


def test_a_question_is_answered_once() -> None:
    """After a choice there is none to make until it is served again."""
    for answered in (choose(ASKED, YES), choose(ASKED, NO), withdraw(choose(ASKED, YES), Instant(3000))):
        for answer in (replace(YES, at=Instant(4000)), replace(NO, at=Instant(4000))):
            with pytest.raises(NotInThisState):
                choose(answered, answer)


def test_a_notice_that_asks_nothing_is_not_answered() -> None:
    """Under another basis there is nothing to agree to, and it may be shown again at any time."""
    told = serve(replace(FIRST, kind="other-basis", about=""), None, 90)
    with pytest.raises(Invalid, match="asked for nothing"):
        choose(told, YES)
    assert serve(replace(FIRST, about="", at=Instant(1001)), told, 90).notified == 1001


@pytest.mark.parametrize("withdrawn", [False, True])
def test_after_a_no_the_same_question_waits(withdrawn: bool) -> None:
    """A refusal and a withdrawal are left in peace for the card's days: one millisecond before is too early."""
    said_no = withdraw(choose(ASKED, YES), Instant(2000)) if withdrawn else choose(ASKED, NO)
    free = Instant(2000 + 90 * DAY)
    assert ask_again_from(said_no, 90) == free
    with pytest.raises(NotInThisState, match="interval") as refused:
        serve(replace(FIRST, at=Instant(free - 1)), said_no, 90)
    told = refused.value.detail
    assert ("withdrew their consent" in told, "said no" in told) == (withdrawn, not withdrawn)
    assert f"from {write(free)} on" in told
    assert "--by-person" in told
    assert state_of(serve(replace(FIRST, at=free), said_no, 90)) is ConsentState.SERVED


def test_neither_a_newer_version_nor_another_language_is_a_way_around_the_wait() -> None:
    """The question stays the same question; another matter is another question."""
    no = choose(ASKED, NO)
    for again in (replace(FIRST, version=3), replace(FIRST, language="en"), replace(FIRST, channel="sms")):
        with pytest.raises(NotInThisState, match="interval"):
            serve(replace(again, at=Instant(3000)), no, 90)
    with pytest.raises(Invalid, match="one person, one purpose"):
        serve(replace(FIRST, about="provide", at=Instant(3000)), no, 90)


def test_a_yes_is_asked_again_only_under_a_newer_version() -> None:
    """PIPL 14(2): a change needs consent again; the same version does not, and is not asked."""
    yes = choose(ASKED, YES)
    with pytest.raises(NotInThisState, match="newer version"):
        serve(replace(FIRST, at=Instant(3000)), yes, 90)
    assert not serve(replace(FIRST, version=3, at=Instant(3000)), yes, 90).stands


def test_serving_needs_what_makes_it_provable() -> None:
    """A digest of 32 bytes, a language, a channel, an order in time, and an interval of at least a day."""
    for hole in (
        replace(FIRST, notice=b"x"),
        replace(FIRST, language=""),
        replace(FIRST, channel=""),
        replace(FIRST, channel="王经理"),
    ):
        with pytest.raises(Invalid, match=r"digest|channel"):
            serve(hole, None, 90)
    with pytest.raises(Invalid, match="after the one before"):
        serve(replace(FIRST, at=Instant(999)), ASKED, 90)
    with pytest.raises(Invalid, match="at least a day"):
        serve(replace(FIRST, at=Instant(3000)), choose(ASKED, NO), 0)
    assert ask_again_from(ASKED, 90) is None


@pytest.mark.parametrize(
    ("age", "guardian", "holds"),
    [
        (13, PARENT, True),
        (13, None, False),
        (13, WHO, False),
        (14, None, True),
        (14, PARENT, False),
        (None, None, True),
        (None, PARENT, False),
    ],
)
def test_a_guardian_chooses_for_a_child_under_fourteen_and_for_nobody_else(
    age: int | None, guardian: SubjectId | None, holds: bool
) -> None:
    """PIPL 31(1), for agreeing and for refusing; nobody is their own guardian."""
    for answer in (replace(YES, guardian=guardian), replace(NO, guardian=guardian)):
        if holds:
            assert choose(ASKED, answer, age).guardian == guardian
        else:
            with pytest.raises(Invalid, match="guardian"):
                choose(ASKED, answer, age)


def test_the_words_and_numbers_of_two_rooms_agree() -> None:
    """Consent and policy do not import each other: the age and the kind are compared here."""
    assert load_pack("cn").rule("CN-PIPL-31-1-GUARDIAN").n == OWN_CONSENT_AGE
    asked = serve(replace(FIRST, kind=NoticeKind.SEPARATE_CONSENT.value), None, 90)
    assert choose(asked, YES).separate


def test_before_a_contact_was_told_their_number_only_delivers_the_notice() -> None:
    """PIPL 17: untold, to deliver; told and asked, nothing until yes; told under another basis, the purpose."""
    yes = choose(ASKED, YES)
    told = serve(replace(FIRST, kind="third-person", about=""), None, 90)
    assert contact_use(None, needs_consent=True) is ContactUse.DELIVER_NOTICE
    assert contact_use(None, needs_consent=False) is ContactUse.DELIVER_NOTICE
    for rests in (ASKED, choose(ASKED, NO), withdraw(yes, Instant(3000)), told):
        assert contact_use(rests, needs_consent=True) is ContactUse.NOTHING
    assert contact_use(yes, needs_consent=True) is ContactUse.PURPOSE
    assert contact_use(told, needs_consent=False) is ContactUse.PURPOSE


def test_rows_of_before_still_read() -> None:
    """A consent written without the new fields is served or agreed, as it was."""
    old = Consent(WHO, "visit.video", 1, DIGEST, Instant(10), "zh")
    assert state_of(old) is ConsentState.SERVED
    assert state_of(replace(old, given=Instant(11))) is ConsentState.AGREED
