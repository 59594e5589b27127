from __future__ import annotations

import re

import pytest

from shouxin.errors import Invalid
from shouxin.policy.deadline import has_clock
from shouxin.policy.lawpack import load_pack
from shouxin.rights.kinds import KINDS, OF_ANYBODY, Assurance, Capacity, RightKind, kind_of, shown_for

PACK = load_pack("cn")
WORDS = re.compile(r"request\.kind in \[([^\]]*)\]")


def _words(predicate: str) -> set[str]:
    found = WORDS.search(predicate)
    return set() if found is None else {word.strip(" '\"") for word in found[1].split(",")}


@pytest.mark.parametrize("kind", RightKind)
def test_every_kind_rests_on_rules_of_the_pack(kind: RightKind) -> None:
    """Grounds decide, clocks hurry, and a rule that names kinds of request names this one."""
    row = kind_of(kind)
    assert row.kind is kind
    assert row.grounds
    assert all(PACK.rule(name).may_decide for name in row.grounds)
    harder = [after for _, after in row.harder]
    assert all(has_clock(PACK.rule(name)) for name in (*row.clocks, *harder))
    assert {before for before, _ in row.harder} <= set(row.clocks)
    for name in (*row.clocks, *harder):
        words = _words(PACK.rule(name).applies_when)
        assert not words or row.word in words, name


def test_no_clock_of_the_pack_is_forgotten() -> None:
    """A rule that hurries a kind of request by name stands in the row of every kind that the pack calls so."""
    hurrying = [
        rule
        for rule in PACK.rules
        if has_clock(rule)
        and not rule.extends
        and _words(rule.applies_when)
        and rule.clock_start in {"request", "receipt"}
    ]
    assert len(hurrying) > 8
    for rule in hurrying:
        for row in KINDS.values():
            if row.word in _words(rule.applies_when):
                assert rule.id in {*row.clocks, *(after for _, after in row.harder)}, (rule.id, row.kind)


def test_an_objection_has_twenty_days() -> None:
    """征信业管理条例 25(2): the one deadline here with a number that decides."""
    rule = PACK.rule(kind_of(RightKind.OBJECT_CREDIT).clocks[0])
    assert (rule.n, rule.unit, rule.may_decide, rule.cites) == (20, "d", True, "CRR 25(2)")


def test_what_would_harm_most_needs_most() -> None:
    """Whatever hands data out or destroys it asks for proof; complaining asks for nothing."""
    proven = {RightKind.ACCESS, RightKind.COPY, RightKind.PORT, RightKind.DELETE, RightKind.CLOSE_ACCOUNT}
    assert {kind for kind, row in KINDS.items() if row.assurance is Assurance.PROVEN} == proven
    assert {kind for kind, row in KINDS.items() if row.assurance is Assurance.NONE} == OF_ANYBODY


def test_relatives_of_the_dead_have_the_rights_of_article_49() -> None:
    """Access, copies, correction, deletion; they show death, kinship, an interest of theirs, and no other wish."""
    shown = shown_for(RightKind.ACCESS, Capacity.RELATIVE)
    assert shown == {"death", "kinship", "own-lawful-interest", "no-other-arrangement"}
    with pytest.raises(Invalid):
        shown_for(RightKind.REFUSE_AUTOMATION, Capacity.RELATIVE)


def test_only_complaints_are_anybodys() -> None:
    """Nobody asks for a copy of anybody's data."""
    assert shown_for(RightKind.REPORT_LEAK, Capacity.ANYBODY) == frozenset()
    with pytest.raises(Invalid):
        shown_for(RightKind.COPY, Capacity.ANYBODY)
