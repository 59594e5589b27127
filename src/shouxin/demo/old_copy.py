"""A thief's attempt: the data store as it was before an erasure, opened with the keyring of today, through the product.

The copy takes along the signed checkpoint and the list of revocations of its day. Without them the store would be
refused as rolled back, whoever asks and for whomever; with them the product believes that nobody was ever erased, and
only keys can stop it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Final

from shouxin.bootstrap import open_workspace
from shouxin.demo.scene import DemoStage, Scene
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import ShouxinError
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.opening.permit import Wish
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Form

__all__ = ["MEANT", "film_of", "put_data_aside", "tries_the_old_copy"]

MEANT: Final = frozenset({ItemCode("identity.name"), ItemCode("identity.id_number")})
_FILM: Final = frozenset({ItemCode("interview.video")})
_DATA = Path("data")
_OF_THE_DAY: Final = (Path("apart", "checkpoint"), Path("apart", "revocations"))
# What the product says where a row stands and its key is missing: keyring and rows are of different days. Any other
# answer would stop the thief for another reason, and prove nothing.
_WITHOUT_KEYS: Final = {"record": "rolled-back", "film": "rolled-back", "survivor": ""}


def put_data_aside(stage: DemoStage) -> Path:
    """Copy the data store and what was kept apart of its day; return where to."""
    place = stage.scratch / "before"
    for one in _OF_THE_DAY:
        (place / one).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(stage.home / one, place / one)
    shutil.copytree(stage.home / _DATA, place / _DATA)
    return place


def film_of(stage: DemoStage, workspace: Workspace) -> str:
    """Open the borrower's film through the product; return SHA-256 of what comes, in hexadecimal.

    Raises:
        NotFound: its key was destroyed. Refused: nobody may see it.
    """
    wish = Wish("interview.video", _FILM, (stage.borrower,), Form("raw"))
    digest = sha256()
    for chunk in disclose_object(workspace, stage.cast.credit, wish, stage.video)[1]:
        digest.update(chunk.reveal())
    return digest.hexdigest()


def _ended(attempt: Callable[[], object]) -> str:
    """Return the code of the error that an attempt ends with; nothing where it opens."""
    try:
        attempt()
    except ShouxinError as error:
        return error.code
    return ""


def tries_the_old_copy(stage: DemoStage, scene: Scene, before: Path) -> dict[str, str]:
    """Open the old data store with everything else of today: only who was not erased opens.

    Returns how each attempt ended. Whoever stays must open, or the attempt would prove nothing.
    """
    home = stage.scratch / "old-data-new-keyring"
    shutil.copytree(stage.home, home)
    shutil.rmtree(home / _DATA)
    shutil.copytree(before / _DATA, home / _DATA)
    for one in _OF_THE_DAY:
        shutil.copy2(before / one, home / one)
    with closing(open_workspace(home)) as old:

        def record_of(who: SubjectId) -> object:
            return disclose(old, stage.cast.analyst, Wish("credit.review", MEANT, (who,), Form("masked")))

        ended = {
            "record": _ended(lambda: record_of(stage.declined)),
            "film": _ended(lambda: film_of(stage, old)),
            "survivor": _ended(lambda: record_of(stage.customer)),
        }
    shutil.rmtree(home)
    scene.check(
        ended == _WITHOUT_KEYS,
        "the data store of before, put back under today's keyring: the record does not open, the film does not, "
        "whoever stays does",
    )
    return ended
