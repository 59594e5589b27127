"""The story that ``shouxin demo`` tells: one lender's portfolio under control, from collection to deletion.

Every step does the real thing and then checks it with a check that could have failed; ``ok`` is nothing but the
conjunction of these checks. The scenes are in ``scenes_*``; this file puts them in order.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from shouxin.actors.account import Token
from shouxin.bootstrap import create_workspace
from shouxin.demo.applications import MOST_ROWS
from shouxin.demo.cast import fresh_passphrase, hire
from shouxin.demo.scene import DemoStage, Scene
from shouxin.demo.scenes_collect import adopted, collected
from shouxin.demo.scenes_erase import erased, tampered
from shouxin.demo.scenes_use import accountable, approved, masked, refused, scored
from shouxin.errors import Invalid, Misconfigured
from shouxin.operations.workspace import Workspace

__all__ = ["Play", "empty", "nothing", "run", "tell"]

Play: TypeAlias = Callable[[DemoStage], Scene]

_SCENES: Final[tuple[Play, ...]] = (
    adopted,
    collected,
    refused,
    masked,
    approved,
    scored,
    accountable,
    erased,
    tampered,
)


# Among so many applications are two borrowers and a declined applicant who gave their address books.
FEWEST: Final = 10


_SIGNBOARD: Final = "守信 Shouxin — a lender with invented people, real loan data and real keys, on this machine only."
_COUNT: Final = {7: "seven", 9: "nine"}


def nothing(*_: object) -> None:
    """Keep no sign-in."""


def empty(home: Path | None) -> None:
    """Refuse a folder that something stands in, before anything is said or started; ``None`` is always free.

    Raises:
        Misconfigured: it is not empty, is no folder, or cannot be read.
    """
    try:
        taken = home is not None and home.exists() and any(home.iterdir())
    except OSError as error:
        raise Misconfigured(f"--home: the folder cannot be read ({error.strerror})") from None
    if taken:
        raise Misconfigured("--home: something stands there already; name a folder that is new or empty")


def run(
    home: Path | None,
    rows: int,
    say: Callable[..., None],
    *,
    keep: Callable[[Path, str, Token], None] = nothing,
) -> dict[str, Any]:
    """Play the whole story in a fresh workspace and return what happened.

    ``home`` keeps the workspace (it must not exist or be empty); without it, it is removed at the end. ``say`` is told
    each line; ``keep`` puts everybody's sign-in where the commands find it. The result has ``ok``, ``home``, ``kept``
    (whether ``home`` is still there), ``steps`` (each ``name``, ``ok``, ``seconds``, its figures, and the
    command that shows it again) and ``figures``. Where the workspace is not kept, commands name it DIR.

    Raises:
        Misconfigured: something stands in ``home`` already. Invalid: fewer rows than the story needs people.
    """
    if rows < FEWEST:
        raise Invalid(f"the story needs {FEWEST} applications at least", "--rows")
    if rows > MOST_ROWS:
        raise Invalid(f"there are {MOST_ROWS} applications to tell of", "--rows")
    empty(home)
    return tell(_SCENES, home, rows, say, keep=keep, opening=_SIGNBOARD)


def tell(
    scenes: Sequence[Play],
    home: Path | None,
    rows: int,
    say: Callable[..., None],
    *,
    keep: Callable[[Path, str, Token], None],
    opening: str,
) -> dict[str, Any]:
    """Play ``scenes`` in a fresh workspace with the demo's cast; see ``run`` for what is kept, said and returned."""
    scratch = Path(tempfile.mkdtemp(prefix="shouxin-demo-"))
    place = home or scratch / "workspace"
    workspace: Workspace | None = None
    try:
        say(opening)
        begun = time.monotonic()
        workspace = create_workspace(
            place, "Haitang Consumer Finance (demo)", "haitang-finance.example/log", facts={"aml_obliged": True}
        )
        cast = hire(workspace, fresh_passphrase())
        for name, token in cast.tokens.items():
            keep(place, name, token)
        stage = DemoStage(workspace, cast, place, str(home.absolute()) if home else "DIR", scratch, rows, say)
        played = [_play(stage, (number, len(scenes)), play) for number, play in enumerate(scenes, 1)]
        total = round(time.monotonic() - begun, 3)
        ok = all(scene.ok for scene in played)
        held = f"All {_COUNT.get(len(scenes), len(scenes))} held."
        say(f"{held if ok else 'Something did not hold: see ✗ above.'} {total:.1f} s in all.")
        say(f"The workspace is kept in {place}." if home else "The workspace is removed now; --home DIR keeps it.")
        return {
            "ok": ok,
            "home": str(place),
            "kept": home is not None,
            "steps": [scene.as_json() for scene in played],
            "figures": {**stage.figures, "seconds": total},
        }
    finally:
        if workspace is not None:
            workspace.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _play(stage: DemoStage, place: tuple[int, int], play: Play) -> Scene:
    """Play one scene and tell it; ``place`` is its number and of how many."""
    started = time.monotonic()
    scene = play(stage)
    scene.seconds = round(time.monotonic() - started, 3)
    stage.say(f"[{place[0]}/{place[1]}] {'✓' if scene.ok else '✗'} {scene.title}  ({scene.seconds:.1f} s)")
    for line in scene.lines:
        stage.say(f"      {line}")
    stage.say(f"      again: {scene.command}")
    return scene
