"""A purpose card reads exactly, or says what is wrong and on which line."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid
from shouxin.policy.card import FORMS, Form, read_card
from shouxin.policy.chain_rules import ApprovalLevel
from tests.workspaces import CARD

NAME = ItemCode("identity.name")
DELETION = '[deletion]\nlevels = [{ role = "dpo" }]\nbulk = [{ role = "dpo", quorum = 2 }]\n'


def test_a_card_is_read_with_its_digest() -> None:
    """Every field comes back as written, defaults fill the rest, and the digest is that of the text."""
    card, digest = read_card(CARD)
    assert digest == hashlib.sha256(CARD.encode()).digest()
    assert (card.purpose, card.version, card.lawful_basis) == ("credit.review", 1, "contract")
    assert card.roles[Form("masked")] == ("analyst", "credit_officer")
    assert card.approval[Form("raw")].levels == (ApprovalLevel("approver", 1), ApprovalLevel("dpo", 1))
    assert (card.approval[Form("raw")].grant_minutes, card.approval[Form("raw")].request_hours) == (60, 72)
    assert (card.separate_consent, card.automated, card.draws_on, card.locations) == (False, False, (), ("CN",))


def test_an_item_is_kept_under_its_term() -> None:
    """Each item has one retention term, and an item that the card does not have has none."""
    card, _ = read_card(CARD)
    assert card.term_of(NAME) == "file"
    with pytest.raises(Invalid, match="keeps no"):
        card.term_of(ItemCode("biometric.face"))


MISTAKES: dict[str, tuple[str, str]] = {
    "an unknown field": ("version = 1", 'version = 1\ncolour = "blue"'),
    "a missing field": ('title_en = "Credit review"', ""),
    "another type": ("version = 1", 'version = "1"'),
    "a version below 1": ("version = 1", "version = 0"),
    "an unknown item": ('"credit.amount"]\nassessment', '"credit.amount", "identity.shoe_size"]\nassessment'),
    "an item in no term": ('"credit.amount"]\nceiling', '"identity.name"]\nceiling'),
    "an item in two terms": (
        "[approval.raw]",
        '[retention.more]\nitems=["identity.name"]\nceiling_days=1\n[approval.raw]',
    ),
    "a term of an item that is not asked for": (
        'items = ["identity.name", "identity.id_number", "contact.mobile", "credit.amount"]\nceiling',
        'items = ["identity.name", "identity.id_number", "contact.mobile", "credit.amount", "contact.email"]\nceiling',
    ),
    "an unknown form": ("masked = [", "naked = ["),
    "an unknown form in approvals": ("[approval.raw]", "[approval.naked]"),
    "an unknown basis": ('lawful_basis = "contract"', 'lawful_basis = "habit"'),
    "a ceiling below nothing": ("ceiling_days = 180", "ceiling_days = -1"),
    "an unknown start": ("ceiling_days = 180", 'ceiling_days = 180\nstarts = "someday"'),
    "a chain without levels": ('levels = [{ role = "approver" }, { role = "dpo" }]', "levels = []"),
    "a quorum of nobody": ('{ role = "dpo" }', '{ role = "dpo", quorum = 0 }'),
    "a grant of no time": ("levels = [", "grant_minutes = 0\nlevels = ["),
    "a request of no time": ("levels = [", "request_hours = 0\nlevels = ["),
    "a field of a level that is unknown": ('{ role = "dpo" }', '{ role = "dpo", deputy = "x" }'),
    "no TOML": ("version = 1", "version == 1"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_and_placed(mistake: str) -> None:
    """Each thing that can be wrong is refused, and the place names the file."""
    old, new = MISTAKES[mistake]
    assert CARD.count(old) == 1
    with pytest.raises(Invalid) as caught:
        read_card(CARD.replace(old, new), "cards/review.toml")
    assert caught.value.place.startswith("cards/review.toml")


def test_the_place_is_the_line() -> None:
    """The line of the mistake is pointed at."""
    with pytest.raises(Invalid) as caught:
        read_card(CARD.replace('lawful_basis = "contract"', 'lawful_basis = "habit"'), "card.toml")
    assert caught.value.place == "card.toml:7"


TWO_LINES = (
    '"contact.mobile", "credit.amount"]\nassess',
    '"contact.mobile",\n"contact.mobil", "credit.amount"]\nassess',
)
PLACED: dict[str, tuple[tuple[str, str], str]] = {
    "an item that another begins with": (TWO_LINES, '"contact.mobil",'),
    "a field of which a comment speaks": (
        ('purpose = "credit.review"\nversion = 1', '# version of today\npurpose = "credit.review"\nversion = 0'),
        "version = 0",
    ),
    "a form whose name a text has": (("masked = [", 'review = ["analyst"]\nmasked = ['), "review = ["),
    "items in no term": (('"credit.amount"]\nceiling', '"identity.name"]\nceiling'), "[retention.file]"),
    "a bulk that one agrees to": (
        ("[roles]", DELETION.replace("quorum = 2", "quorum = 1") + "[roles]"),
        'bulk = [{ role = "dpo", quorum = 1',
    ),
    "a role of an approver": (('{ role = "dpo" }', '{ role = "D P O" }'), 'levels = [{ role = "approver" }'),
}


@pytest.mark.parametrize("what", PLACED)
def test_the_line_is_that_of_the_field_and_not_of_another_mention(what: str) -> None:
    """Neither a comment, a title nor a longer code is taken for what is wrong."""
    change, wanted = PLACED[what]
    text = CARD.replace(*change)
    assert text != CARD
    with pytest.raises(Invalid) as caught:
        read_card(text, "card.toml")
    line = text[: text.index(wanted)].count("\n") + 1
    assert caught.value.place == f"card.toml:{line}"


@pytest.mark.parametrize(
    "purpose", ["", "信贷审查", "credit review", "Credit", "credit:review", "credit+review", "a" * 81]
)
def test_a_purpose_is_a_code_that_every_reason_and_event_can_hold(purpose: str) -> None:
    """A purpose that the ledger or a reason could not name is refused when the card is read, not at the first use."""
    with pytest.raises(Invalid):
        read_card(CARD.replace('purpose = "credit.review"', f'purpose = "{purpose}"'))


def test_the_longest_purpose_leaves_room_for_its_reason() -> None:
    """With the longest form, ``card:purpose:form`` is still a rule that an event can hold."""
    longest = "a" * 62
    assert len(f"card:{longest}:{max(FORMS, key=len)}") == 80
    assert read_card(CARD.replace('"credit.review"', f'"{longest}"'))[0].purpose == longest
    with pytest.raises(Invalid):
        read_card(CARD.replace('"credit.review"', f'"{longest}a"'))


@pytest.mark.parametrize("role", ["", "分析师", "ana lyst", 'a"b'])
@pytest.mark.parametrize("place", ['"credit_officer"', 'role = "dpo"'])
def test_a_role_is_a_code(place: str, role: str) -> None:
    """A role that nobody can have, or that no policy can be compiled with, is refused when the card is read."""
    quoted = role.replace('"', '\\"')
    new = f'"{quoted}"' if place.startswith('"') else f'role = "{quoted}"'
    with pytest.raises(Invalid):
        read_card(CARD.replace(place, new))


@pytest.mark.parametrize("text", ["", "x = " + "[" * 5000 + "]" * 5000, "#" * 70_000, "\ufeff" + CARD])
def test_strange_files_are_refused(text: str) -> None:
    """Empty, deeply nested, huge, or with a byte order mark: refused by an error of ours."""
    with pytest.raises(Invalid):
        read_card(text)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever stands in a file, it is a card or it is refused."""
    try:
        read_card(text)
    except Invalid:
        return
    pytest.fail("no random text is a card")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ceiling_days = 180", "ceiling_days = 36526"),
        ("ceiling_days = 180", "ceiling_days = 180\narchive_after_days = 99999999999"),
        ("version = 1", "version = 9223372036854775808"),
        ('assessment = "pia-1"', "ask_again_days = 99999999999"),
        ('assessment = "pia-1"', "look_ups_an_hour = -1"),
        ('assessment = "pia-1"', "look_ups_an_hour = 1000001"),
        ('{ role = "dpo" }', '{ role = "dpo", quorum = 21 }'),
        ("levels = [", "grant_minutes = 99999999999\nlevels = ["),
        ("levels = [", "request_hours = 99999999999\nlevels = ["),
        ("[roles]", f"{DELETION}cool_off_minutes = 99999999999\n[roles]"),
        ("[roles]", DELETION.replace("quorum = 2 }", 'quorum = -2 }, { role = "dpo", quorum = 4 }') + "[roles]"),
    ],
)  # fmt: skip
def test_a_count_that_nothing_could_be_added_to_is_refused(old: str, new: str) -> None:
    """Every number of a card has a range, so that no time and no row overflows later."""
    with pytest.raises(Invalid):
        read_card(CARD.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("ceiling_days = 180", "", "[retention.file]"),
        ("ceiling_days = 180", 'ceiling_days = "180"', 'ceiling_days = "180"'),
        ("ceiling_days = 180", "ceiling_days = 180\nfloor = []", "floor = []"),
        ("ceiling_days = 180", f"ceiling_days = {'9' * 5000}", "ceiling_days = 99"),
        ("version = 1", "version = 1\nversion = 1", "version = 1\nversion"),
        ("version = 1", f"version = {'[' * 3000}", "version = [["),
        ('title_en = "Credit review"', "", 'purpose = "credit.review"'),
    ],
)
def test_a_fault_is_placed_where_it_stands(old: str, new: str, line: str) -> None:
    """A missing field at its table, a wrong one at its line, also in hostile text."""
    text = CARD.replace(old, new, 1)
    with pytest.raises(Invalid) as caught:
        read_card(text, "card.toml")
    place = int(caught.value.place.removeprefix("card.toml:"))
    expected = text[: text.index(line)].count("\n") + 1 + line.count("\n")
    assert place == expected
