from __future__ import annotations

from pathlib import Path

from tests.cli.shell import run

BAD = "第二条 您不可撤销地授权我们永久保存您的个人信息。"


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policy.md"
    path.write_text(text, "utf-8")
    return path


def test_it_needs_no_workspace_and_says_place_article_and_mending(tmp_path: Path) -> None:
    """An error makes the exit code 1; the lines say where, why in both languages, the words and what mends them."""
    path = _file(tmp_path, f"# 协议\n\n{BAD}\n")
    told = run("purpose", "agreement", path, SHOUXIN_HOME=str(tmp_path / "none"))
    assert told.code == 1
    assert "policy.md:3 [第二条] error" in told.out
    assert all(part in told.out for part in ("PIPL 15(1)", "同意不能撤回", BAD, "to mend it"))
    data = run("purpose", "agreement", path, "--json").data
    (found,) = [one for one in data["findings"] if one["code"] == "irrevocable"]
    assert (data["ok"], found["line"], found["clause"], found["rule"]) == (False, 3, "第二条", "CN-PIPL-15-1-WITHDRAWN")
    assert path.read_text("utf-8")[found["start"] : found["end"]] == BAD


def test_a_sound_text_passes_and_a_file_that_cannot_be_read_does_not(tmp_path: Path) -> None:
    """Nothing found is exit code 0; no file, or a language that there is not, is 1."""
    path = _file(tmp_path, "我们不会永久保存您的个人信息。")
    told = run("purpose", "agreement", path)
    assert (told.code, "nothing found" in told.out) == (0, True)
    assert run("purpose", "agreement", path, "--language", "zh").code == 0
    assert run("purpose", "agreement", path, "--language", "fr", "--json").data["error"] == "invalid"
    assert run("purpose", "agreement", tmp_path / "none.md").code == 1
