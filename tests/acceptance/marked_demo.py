"""Run the whole demo with marked people, in a process of its own, and keep whatever it wrote, also what it removed.

``python -m tests.acceptance.marked_demo HOME KEPT``: the demo makes ``HOME``; then a borrower asks for a copy and opens
it, and commands are refused with marked values at hand. In ``KEPT`` lie, after every scene, the workspace and whatever
stands in the temporary folder; every file and folder just before this process removed it; each command's output; every
log record; every error of ours with its arguments.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Final
from unittest import mock

from shouxin.demo import scenes_collect, story
from shouxin.demo.applications import Application, applications
from shouxin.errors import ShouxinError
from tests.cli.shell import Ran, run
from tests.marks import HAN, LATIN

__all__ = ["ROWS", "marked_applications"]

ROWS: Final = 12
_CHINESE: Final = ("identity.name",)
# Free text of the loan set; the demo's scorecard looks at how some of it begins, and at the rest of the columns whole.
_FREE: Final = (
    *("credit.history", "credit.purpose", "account.savings", "employment.job", "employment.since", "property.kind"),
    *("guarantee.kind", "credit.other_plans", "property.housing"),
)


def marked_applications(rows: int) -> Iterator[Application]:
    """Yield the demo's applications with a mark in every text that says something about a person."""
    for row in applications(rows):
        values = dict(row.values)
        values |= {item: f"{values[item][0]}{HAN}{values[item][1:]}" for item in _CHINESE}
        values |= {item: f"{values[item]} {LATIN} {HAN}" for item in _FREE}
        values["contact.address"] = values["contact.address"].replace("号", f"号{HAN}", 1)
        local, domain = values["contact.email"].split("@")
        values["contact.email"] = f"{local[:1]}{LATIN}{local[1:]}@{domain}"
        people = (
            replace(one, name=f"{one.name[0]}{HAN}{one.name[1:]}", relation=f"{one.relation}{HAN}")
            for one in row.emergency
        )
        yield replace(row, values=values, emergency=(next(people), next(people)))


class _Keeper:
    """Copies what is written into ``kept``, before it can go."""

    def __init__(self, kept: Path, *watched: Path) -> None:
        self._kept = kept
        self._watched = tuple(map(str, watched))
        self._number = count()
        self._busy = False

    def take(self, *places: Path) -> None:
        """Copy files and folders as they are now."""
        self._busy = True
        try:
            for place in places:
                target = self._kept / f"{next(self._number):04}"
                if place.is_dir():
                    shutil.copytree(place, target / place.name, symlinks=True)
                elif place.is_file():
                    target.mkdir()
                    shutil.copyfile(place, target / place.name)
        finally:
            self._busy = False

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Copy what is about to be removed or replaced: an audit hook of the interpreter."""
        at = {"os.remove": 0, "shutil.rmtree": 0, "os.rename": 1}.get(event)
        if at is None or self._busy:
            return
        place = os.fsdecode(arguments[at]) if isinstance(arguments[at], str | bytes | os.PathLike) else ""
        if place.startswith(self._watched):  # relative ones are below a folder that was copied when its removal began
            self.take(Path(place))


def _copy_of_a_borrower(home: Path, kept: Path, who: str, number: str) -> list[Ran]:
    """A borrower asks for a copy, gets it sealed, and opens it; then what is refused is asked for."""
    letter, phrase = kept / "letter.txt", kept / "passphrase.txt"
    letter.write_text(f"请给我一份副本 {HAN}\n", "utf-8")

    def desk(*words: str | Path, given: str = "", acting: str = "sun.rights") -> Ran:
        return run(*words, "--json", "--as", acting, home=home, given=given)

    ran = [desk("right", "find", given=f"{number}\n")]
    ran.append(desk("right", "receive", "access", "--subject", who, "--statement-file", letter))
    right = str(ran[-1].data["right"])
    ran.append(desk("right", "identify", right, "--assurance", "proven", "--by", "id-document", "--evidence", letter))
    ran.append(desk("right", "start", right))
    ran.append(desk("right", "package", right, "--out", kept / "copy.html", "--passphrase-out", phrase))
    opened = ("right", "open-package", kept / "copy.html", "--out", kept / "opened", "--passphrase-file", phrase)
    ran.append(run(*opened, home=home))
    assert [one.code for one in ran] == [0] * len(ran), "".join(one.out + one.err for one in ran)
    seen = ("access", "open", who, "--item", "identity.name")
    refused = [
        desk(*seen, "--purpose", HAN, acting="lin.analyst"),
        desk("access", "open", who, "--item", LATIN, "--purpose", "credit.review", acting="lin.analyst"),
        desk("access", "open", HAN, "--item", "identity.name", acting="lin.analyst"),
        desk("subject", "find", "--purpose", "credit.review", "--item", "identity.name", given=f"{HAN}\n"),
        desk("right", "find", given=f"{number[:-1]}{HAN}\n", acting="scorer.service"),
        desk("right", "correct", right, "--item", "credit.purpose", given=f"{HAN} {LATIN}\n"),
    ]
    assert all(one.code for one in refused), [one.code for one in refused]
    return ran + refused


def main(home: Path, kept: Path) -> int:
    """Tell the story and keep what it wrote; return how the demo ended."""
    temporary = Path(tempfile.gettempdir()).resolve()
    keeper = _Keeper(kept, home, temporary)
    logging.basicConfig(filename=kept / "log.txt", level=logging.NOTSET, format="%(message)s")
    logging.getLogger().handlers[0].setFormatter(_Everything())
    errors = (kept / "errors.txt").open("a", encoding="utf-8")
    told: dict[str, Any] = {}
    play, make = story._play, ShouxinError.__init__

    def played(stage: Any, place: tuple[int, int], scene: Any) -> Any:
        told["people"] = [one.values["identity.id_number"] for one in stage.known]
        done = play(stage, place, scene)
        told["customer"] = f"sub_{stage.customer.hex()}"
        keeper.take(home, temporary)
        return done

    def made(error: ShouxinError, *arguments: Any, **more: Any) -> None:
        make(error, *arguments, **more)
        print(type(error).__name__, repr(arguments), repr(more), str(error), repr(error), file=errors, flush=True)

    sys.addaudithook(keeper.heard)
    with (
        mock.patch.object(scenes_collect, "applications", marked_applications),
        mock.patch.object(story, "_play", played),
        mock.patch.object(ShouxinError, "__init__", made),
    ):
        ran = run("demo", "--json", "--rows", str(ROWS), home=home)
        (kept / "demo.txt").write_text(ran.out + ran.err, "utf-8")
        if ran.code == 0:
            later = _copy_of_a_borrower(home, kept, told["customer"], told["people"][2])
            (kept / "commands.txt").write_text("".join(one.out + one.err for one in later), "utf-8")
            keeper.take(home, temporary)
    errors.close()
    return ran.code


class _Everything(logging.Formatter):
    """Writes all that a log record holds."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{super().format(record)} {record.args!r} {vars(record)!r}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
