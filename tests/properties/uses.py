"""Steps of a story that use what is kept: seeing, looking up; each holds laws 1 and 5 to what comes of it."""

from __future__ import annotations

from shouxin.domain.event_kind import EventKind
from shouxin.domain.items import ItemCode
from shouxin.errors import CallerError, NotFound, Refused
from shouxin.ledger.entry import decode
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.opening.look_up import look_up
from tests.operations.portfolio import ID_NUMBER, RELATION, VIDEO, WHO, values_of
from tests.properties.laws import attempt, law_five, law_one
from tests.properties.story import CONTRACT, CUSTOMERS, FRAMES, Story


def use(story: Story, numbers: list[int], purpose: str, items: frozenset[ItemCode], form: str, role: str) -> None:
    """Disclose items of people, and hold laws 1 and 5 to what comes of it."""
    bank, before = story.bank, story.size
    wish = bank.wish(*(story.people[number].subject for number in numbers), purpose=purpose, items=items, form=form)
    wanted = [error for number in numbers if (error := story.usable(number))]
    wanted += [Refused for number in numbers if items & story.people[number].protected]  # said, not left out
    seen = attempt(lambda: disclose(bank.workspace, bank.tokens[role], wish))
    if NotFound in wanted:
        assert isinstance(seen, NotFound)
        return
    assert story.size == before + 1
    if wanted:
        assert isinstance(seen, Refused)
        law_five(story, seen.reasons)
        event = decode(bank.workspace.data.read(lambda records: records.ledger.entry(before)))
        assert event.kind is EventKind.DISCLOSURE_REFUSED
        assert event.facts["rules"] == [rule for rule, _ in seen.reasons]
        return
    assert not isinstance(seen, CallerError), f"{type(seen).__name__} where a disclosure is permitted"
    assert seen.leaf == before  # type: ignore[attr-defined]
    about = {other for _, other in seen.statements}  # type: ignore[attr-defined]
    law_one(story, before, wish, set(wish.subjects) | about)
    law_five(story, [(reason.rule, reason.article) for reason in seen.decision.reasons])  # type: ignore[attr-defined]
    shown = seen.values  # type: ignore[attr-defined]
    assert set(shown) <= set(wish.subjects)
    for number in numbers:
        one = story.people[number]
        right = {item: text for item, text in one.values.items() if item in items}
        got = shown.get(one.subject, {})
        assert set(got) == set(right)
        if form == "raw":
            assert {item: value.text() for item, value in got.items()} == right
        else:
            assert not [item for item, value in got.items() if right[item] in str(value)]


def see_masked(story: Story, one: int, two: int) -> None:
    """An analyst sees one or two people, masked."""
    use(story, list(dict.fromkeys((one, two))), "customer.file", WHO, "masked", "analyst")


def see_raw(story: Story, one: int, _two: int) -> None:
    """A credit officer sees somebody's contract in the clear."""
    use(story, [one], "loan.file", CONTRACT, "raw", "credit_officer")


def see_pseudonyms(story: Story, one: int, two: int) -> None:
    """A model sees people under pseudonyms."""
    use(story, list(dict.fromkeys((one, two))), "customer.file", WHO, "pseudonymous", "model")


def see_statement(story: Story, one: int, _two: int) -> None:
    """An analyst sees what somebody states about whom they named."""
    use(story, [one], "emergency.link", frozenset({RELATION}), "masked", "analyst") if one in CUSTOMERS else None


def see_video(story: Story, one: int, _two: int) -> None:
    """A credit officer sees an interview, as long as its consent stands."""
    bank, before, known = story.bank, story.size, story.people[one]
    if known.film is None:
        return
    wish = bank.wish(known.subject, purpose="interview.video", items={VIDEO}, form="raw")
    film = known.film
    seen = attempt(lambda: disclose_object(bank.workspace, bank.tokens["credit_officer"], wish, film))
    wanted = story.usable(one)
    if wanted is None and known.consented:
        assert not isinstance(seen, CallerError)
        leaf, parts = seen  # type: ignore[misc]
        assert leaf == before
        law_one(story, leaf, wish, {known.subject})
        assert b"".join(part.reveal() for part in parts) == FRAMES
    else:
        assert isinstance(seen, wanted or Refused)
        if isinstance(seen, Refused):
            law_five(story, seen.reasons)
            assert story.size == before + 1


def find(story: Story, one: int, _two: int) -> None:
    """Somebody is looked up, for a purpose of the lender's and for one that a law imposes."""
    path, bank = story.path(one), story.bank
    number = values_of(one)[ID_NUMBER]
    there = ID_NUMBER in path[0].values and not any(known.erased for known in path)
    frozen = any(known.frozen for known in path)
    before = story.size
    assert bank.look_up(ID_NUMBER, number) == ([path[-1].subject] if there and not frozen else [])
    found = look_up(bank.workspace, bank.tokens["rights_desk"], "rights.answer", ID_NUMBER, number)
    assert found == ([path[-1].subject] if there else [])
    assert story.size == before + 2
