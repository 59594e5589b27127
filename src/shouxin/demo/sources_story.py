"""The story that ``shouxin demo --sources`` tells: collecting from others under plans, and finding what is personal.

Everything it collects from runs on this machine and was started by it: a partner's API and a public page on loopback,
and a PostgreSQL that is deleted at the end. Every step does the real thing and then checks it with a check that could
have failed. The scenes are in ``scenes_sources`` and ``scenes_find``.

This module needs the extra ``sources-demo``; callers import it when they need it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from shouxin.actors.account import Token
from shouxin.demo.around import Around
from shouxin.demo.identities import Fabricator
from shouxin.demo.neighbours import neighbours
from shouxin.demo.own_postgresql import own_postgresql
from shouxin.demo.scenes_find import gone, graded
from shouxin.demo.scenes_sources import from_api, from_database, from_page, planned, tokens
from shouxin.demo.story import empty, nothing, tell

__all__ = ["run_sources"]

_SEED: Final = 20240701  # of people whom the main story does not know
_LEADS, _CONTACTS, _APPLICANTS = 12, 6, 40
_OPENING: Final = (
    "守信 Shouxin — a partner's API, a public page and a PostgreSQL, all started here, all with invented people."
)


def run_sources(
    home: Path | None, say: Callable[..., None], *, keep: Callable[[Path, str, Token], None] = nothing
) -> dict[str, Any]:
    """Play the second story in a fresh workspace and return what happened; see ``story.run``.

    Raises:
        Misconfigured: something stands in ``home`` already.
    """
    empty(home)
    people = Fabricator(_SEED)
    everybody = [people.identity(at) for at in range(_LEADS + _CONTACTS + _APPLICANTS)]
    leads, contacts = everybody[:_LEADS], everybody[_LEADS : _LEADS + _CONTACTS]
    applicants = everybody[_LEADS + _CONTACTS :]
    with ExitStack() as started:
        partner = started.enter_context(neighbours(leads, contacts))
        database = started.enter_context(own_postgresql(applicants))
        around = Around(partner, database, applicants)
        scenes = (
            lambda stage: planned(stage, around),
            lambda stage: from_api(stage, around),
            lambda stage: from_page(stage, around),
            lambda stage: from_database(stage, around),
            lambda stage: tokens(stage, around),
            lambda stage: graded(stage, around),
            lambda stage: gone(stage, around, started.close),
        )
        return tell(scenes, home, len(everybody), say, keep=keep, opening=_OPENING)
