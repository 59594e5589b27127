"""The five laws over any story: people come in, are used, change their minds, are corrected, merged, frozen and erased.

A story is a list of steps in any order on a real workspace. Its model says what must come of each; the laws are held
after every step or at the end.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.operations.portfolio import NAME, values_of
from tests.properties.changes import choose, forget, join, lose, mend, move_on, stop
from tests.properties.laws import law_three, law_two, state_of
from tests.properties.story import Story, begin
from tests.properties.uses import find, see_masked, see_pseudonyms, see_raw, see_statement, see_video
from tests.workspaces import close

STEPS: Final[dict[str, Callable[[Story, int, int], None]]] = {
    step.__name__: step
    for step in (
        *(see_masked, see_raw, see_pseudonyms, see_statement, see_video, find),
        *(choose, stop, mend, join, forget, move_on, lose),
    )
}
# What costs most stands once, what parts company with it oftener.
NAMES: Final = [*STEPS, "forget", "forget", "join", "stop", "see_masked", "see_raw", "see_video", "choose", "mend"]
A_STORY: Final = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(1, 4), st.integers(1, 4)), min_size=6, max_size=14
)


@given(A_STORY)
@example([*[("see_masked", 1, 1)] * 4, ("forget", 1, 2), ("see_raw", 1, 1)])
@example([("join", 2, 1), ("mend", 2, 1)])
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
def test_the_five_laws_hold_over_any_story(steps: list[tuple[str, int, int]]) -> None:
    """Nothing comes out unrecorded, erased stays erased, the record names nobody, words are true, rules are quoted."""
    with tempfile.TemporaryDirectory(prefix="shouxin-story-") as folder:
        story = begin(Path(folder))
        try:
            for name, one, two in steps:
                before, size = state_of(story.bank.home), story.size
                STEPS[name](story, one, two)
                assert story.size > size or state_of(story.bank.home) == before, "state changed without an event"
                law_three(story, audited=False)
            law_two(story)
            law_three(story)
        finally:
            close(story.bank.workspace)


def test_a_story_in_which_everything_happens() -> None:
    """Every step stands in one story, so that no law is kept for want of an occasion."""
    steps = [
        *(("find", 1, 1), ("see_masked", 1, 3), ("see_raw", 1, 1), ("see_pseudonyms", 1, 2), ("see_statement", 1, 1)),
        *(("see_video", 1, 1), ("choose", 1, 1), ("see_video", 1, 1), ("choose", 1, 1), ("see_video", 1, 1)),
        *(("mend", 1, 1), ("mend", 3, 2), ("join", 3, 4), ("see_masked", 3, 4), ("stop", 4, 1), ("see_raw", 3, 1)),
        *(("find", 3, 1), ("stop", 4, 1), ("forget", 3, 2), ("find", 3, 1), ("join", 3, 4), ("see_raw", 3, 3)),
        *(
            ("lose", 2, 1),
            ("lose", 3, 4),
            ("join", 3, 4),
            ("forget", 4, 1),
            ("see_masked", 3, 3),
            ("find", 3, 1),
            ("forget", 1, 1),
        ),
        *(("stop", 1, 1), ("see_raw", 1, 1), ("find", 1, 1), ("move_on", 1, 1), ("lose", 2, 3)),
        *(("see_masked", 2, 2), ("stop", 2, 1), ("forget", 2, 2), ("move_on", 1, 1), ("lose", 2, 2), ("find", 2, 1)),
        *(("move_on", 1, 1), ("forget", 2, 1), ("see_raw", 2, 2)),
    ]
    assert {name for name, _, _ in steps} == set(STEPS)
    with tempfile.TemporaryDirectory(prefix="shouxin-story-") as folder:
        story = begin(Path(folder))
        for name, one, two in steps:
            before, size = state_of(story.bank.home), story.size
            STEPS[name](story, one, two)
            assert story.size > size or state_of(story.bank.home) == before, name
        law_two(story)
        law_three(story)
        assert story.gone
        assert NAME in values_of(1)
        close(story.bank.workspace)
