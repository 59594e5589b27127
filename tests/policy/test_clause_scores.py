"""Weighing clauses: deterministic, without overlap, and the weights are those that the script learns."""

from __future__ import annotations

import msgspec
import pytest

from bench.learn_clauses import DRAWN, ROUNDS, SOUND, TARGET, made, read
from shouxin.policy.agreement import LANGUAGES, clause_kinds
from shouxin.policy.clause_scores import suspects
from shouxin.policy.passages import passages

BAD = "您注销以后，这些档案依旧在我们的库里，什么时候清理由我们看情况而定，没有到期的日子。"
SOUND_CLAUSE = "合同结清后保存五年，期满即删除。"


def test_a_suspicion_names_kind_cues_and_place() -> None:
    """The clause that offends is told, the sound one beside it is not."""
    said = passages(f"{SOUND_CLAUSE}\n\n{BAD}\n")
    (one,) = suspects(said, "zh", set())
    assert (one.first, one.last, one.kind) == (1, 1, "unlimited")
    assert one.score >= 0
    assert one.cues
    assert list(suspects(said, "zh", set())) == [one]


def test_what_is_done_or_of_another_language_is_not_weighed() -> None:
    """Passages that are marked already are left alone."""
    said = passages(BAD)
    assert list(suspects(said, "zh", {0})) == []
    assert list(suspects(said, "en", set())) == []


def test_suspicions_do_not_overlap_and_the_highest_comes_first() -> None:
    """Each passage is in one suspicion at most."""
    said = passages(BAD * 6)
    found = list(suspects(said, "zh", set()))
    taken = [at for one in found for at in range(one.first, one.last + 1)]
    assert len(found) > 1
    assert len(taken) == len(set(taken))
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_weights_are_of_the_sentences_that_stand_in_the_repository(language: str) -> None:
    """Their card counts them, their families are those of the file, and every kind can be said."""
    kept = msgspec.json.decode((TARGET / f"clause_weights_{language}.json").read_bytes())
    told = read(language)
    rows = made(language, told, 1)
    assert rows == made(language, told, 1) != made(language, told, 2)
    assert kept["card"]["clauses"] == len(rows) * ROUNDS
    assert len(rows) > DRAWN * len(told.ways)
    assert {name: tuple(one) for name, one in kept["families"].items()} == told.belongs()
    assert {kind for kind, _ in told.ways} - {SOUND} <= set(clause_kinds())
    assert set(kept["names"]) <= set(clause_kinds())
