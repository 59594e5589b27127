from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests.cli.shell import run


@pytest.mark.parametrize(("held", "code"), [(True, 0), (False, 1)])
def test_the_story_is_told_and_its_outcome_is_the_exit_code(tmp_path: Path, held: bool, code: int) -> None:
    """Lines for people, one object for programs, and never exit code 0 when a check did not hold."""

    def story(home: Path | None, rows: int, say: Any, *, keep: Any) -> dict[str, Any]:
        assert (home, rows) == (tmp_path, 7)
        say("one line", "another")
        return {"ok": held, "home": str(home), "steps": [], "figures": {}}

    with mock.patch("shouxin.demo.story.run", story):
        told = run("demo", "--rows", "7", home=tmp_path)
        assert (told.code, told.out) == (code, "one line\nanother\n")
        ran = run("demo", "--rows", "7", "--json", home=tmp_path)
        assert (ran.code, ran.data["ok"], ran.err) == (code, held, "")


def test_the_environment_does_not_choose_the_demos_workspace(tmp_path: Path) -> None:
    """``$SHOUXIN_HOME`` is somebody's real workspace: the demo goes elsewhere unless told."""
    with mock.patch("shouxin.demo.story.run", return_value={"ok": True}) as story:
        run("demo", SHOUXIN_HOME=str(tmp_path))
    assert story.call_args.args[0] is None


def test_the_second_story_is_another_and_says_what_it_lacks(tmp_path: Path) -> None:
    """--sources plays that story; without one of its packages the extra is named, and nothing is begun."""
    with mock.patch("shouxin.demo.sources_story.run_sources", return_value={"ok": True}) as story:
        ran = run("demo", "--sources", "--json", home=tmp_path)
        assert (ran.code, story.call_args.args[0]) == (0, tmp_path)
    with mock.patch("shouxin.cli.demo.find_spec", lambda name: None if name == "dlt" else name):
        refused = run("demo", "--sources", "--json", home=tmp_path)
    assert refused.data["error"] == "misconfigured"
    assert "sources-demo" in refused.out


@pytest.mark.parametrize("story", [(), ("--sources",)])
def test_a_folder_that_is_not_empty_is_refused_before_anything_is_said(tmp_path: Path, story: tuple[str, ...]) -> None:
    """One line on the error stream, with what to do; not a word of the story, and nothing beside what stood there."""
    (tmp_path / "letter.txt").write_text("mine", "utf-8")
    refused = run("demo", *story, home=tmp_path)
    told = "misconfigured: --home: something stands there already; name a folder that is new or empty\n"
    assert (refused.code, refused.out, refused.err) == (1, "", told)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    assert "Not a directory" in run("demo", *story, home=tmp_path / "letter.txt").err
