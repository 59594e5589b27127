from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest import mock

import pypdfium2
import pytest

from tests.cli.shell import run
from tests.connectors.readers.sources import CARDS, IDS, MOBILES, table


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "people.csv").write_text(table(), "utf-8")
    (folder / "app.log").write_text("\n".join(f"call {one}" for one in MOBILES), "utf-8")
    (folder / "<script>alert(1)\x1b[31m.csv").write_text(f'"<b>x</b>",手机号\n1,{MOBILES[0]}\n', "utf-8")
    (folder / "face.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(9))
    return folder


class _Page(HTMLParser):
    """The tags of a page, and every address in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str | None] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "action", "style"}]


def test_a_folder_is_scanned_without_a_workspace(tmp_path: Path) -> None:
    """Level and place, what was not looked into, what to do with articles; no value in any of it."""
    ran = run("source", "scan", _folder(tmp_path))
    assert ran.code == 0, ran.err
    assert "3 places looked at: 401 of 401 rows" in ran.out
    assert re.search(
        r"^4 C3!  people.csv +Name, Identity document number, Mobile number, Card number$", ran.out, re.MULTILINE
    )
    assert re.search(r"^1 +broken +picture +face.png$", ran.out, re.MULTILINE)
    assert "[PIPL 28(2), PIPL 29, PIPL 55(1)(1)]" in ran.out
    assert not [one for one in (*MOBILES, *IDS, *CARDS) if one in ran.out]
    assert "\x1b" not in ran.out


def test_json_holds_counts_and_grades(tmp_path: Path) -> None:
    """Evidence apart from judgement; bounds by name; the same object goes into the report."""
    ran = run("source", "scan", _folder(tmp_path), "--report", tmp_path / "r.json", "--json")
    grading = ran.data["grading"]
    assert (grading["level"], grading["class"], grading["sensitive"]) == (4, "C3", True)
    assert grading["bounds"] == {"confidence": 0.95, "interval": "Wilson score"}
    people = next(one for one in grading["places"] if one["place"] == "people.csv")
    assert people["raised_by"] == ["FOUR-ELEMENTS"]
    phone = next(one for one in people["columns"] if one["name"] == "phone")
    assert phone["certainty"] == "sure"
    assert phone["shares"] == [
        {"kind": "mobile", "values": 400, "of": 400, "low": 0.990487, "high": 1.0, "whole": True}
    ]
    kept = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert kept == {key: ran.data[key] for key in ("scan", "grading")}
    assert not (tmp_path / "r.json.part").exists()


@pytest.mark.parametrize(("language", "word"), [("zh", "下一步做什么"), ("en", "What to do next")])
def test_the_page_is_whole_and_strict(tmp_path: Path, language: str, word: str) -> None:
    """One file: no script, nothing from elsewhere, whatever a file or column is called; no value."""
    ran = run("source", "scan", _folder(tmp_path), "--html", tmp_path / "r.html", "--language", language)
    assert ran.code == 0, ran.err
    text = (tmp_path / "r.html").read_text("utf-8")
    page = _Page(text)
    assert "script" not in page.tags
    assert "b" in page.tags
    assert all(address is None or address.startswith("width:") for address in page.addresses)
    assert "default-src 'none'" in text
    assert "&lt;script&gt;alert(1)" in text
    assert "\x1b" not in text
    assert word in text
    assert "PIPL 51(1)(3)" in text
    assert "处理敏感个人信息应当取得个人的单独同意" in text
    assert not [one for one in (*MOBILES, *IDS, *CARDS) if one in text]


@pytest.mark.parametrize(("language", "word"), [("zh", "下一步做什么"), ("en", "What to do next")])
def test_the_paper_says_what_the_page_says(tmp_path: Path, language: str, word: str) -> None:
    """A PDF with the steps, their articles and each place; whatever a file is called; no value."""
    folder = _folder(tmp_path)
    ran = run("source", "scan", folder, "--pdf", tmp_path / "r.pdf", "--language", language)
    assert ran.code == 0, ran.err
    with pypdfium2.PdfDocument(tmp_path / "r.pdf") as paper:
        text = "".join(page.get_textpage().get_text_range() for page in paper)
    shown = "".join(text.split())
    assert "".join(word.split()) in shown
    assert "PIPL51(1)(3)" in shown
    assert "people.csv" in shown
    assert "\x1b" not in text
    assert not [one for one in (*MOBILES, *IDS, *CARDS) if one in shown]


def test_a_report_is_graded_anew_without_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source may be gone; rules of today judge the counts of yesterday."""
    folder = _folder(tmp_path)
    first = run("source", "scan", folder, "--no-names", "--report", tmp_path / "r.json", "--json")
    for path in folder.iterdir():
        path.unlink()
    again = run("source", "scan", "--regrade", tmp_path / "r.json", "--json")
    assert again.data == first.data
    names: dict[str, Any] = {"phone": None}
    monkeypatch.setattr("shouxin.detection.columns.item_of_name", names.get)
    monkeypatch.setattr("shouxin.detection.columns._MOST", 2.0)
    other = run("source", "scan", "--regrade", tmp_path / "r.json", "--json")
    people = next(one for one in other.data["grading"]["places"] if one["place"] == "people.csv")
    assert {column["certainty"] for column in people["columns"]} == {"likely", "nothing"}
    assert people["raised_by"] == []


def test_examples_are_masked_and_only_if_asked(tmp_path: Path) -> None:
    """On the terminal and on the page."""
    folder = _folder(tmp_path)
    ran = run("source", "scan", folder, "--examples", "--html", tmp_path / "r.html")
    masked = f"{MOBILES[0][:3]}****{MOBILES[0][-4:]}"
    assert masked in ran.out
    assert masked in (tmp_path / "r.html").read_text("utf-8")
    assert masked not in run("source", "scan", folder).out


def test_a_dsn_may_come_from_standard_input(tmp_path: Path) -> None:
    """So that no password stands in a command; a source that is not there is an error."""
    ran = run("source", "scan", "-", "--json", given=f"{_folder(tmp_path)}\n")
    assert len(ran.data["scan"]["places"]) == 3
    assert run("source", "scan", tmp_path / "nothing", "--json").data["error"] == "invalid"
    assert run("source", "scan", "oracle://host/db", "--json").data["error"] == "misconfigured"


def test_nothing_looked_into_is_no_success(tmp_path: Path) -> None:
    """Only a picture: exit code 1, and it says so; an empty folder too."""
    (tmp_path / "x").mkdir()
    ran = run("source", "scan", tmp_path / "x")
    assert (ran.code, "0 places looked at" in ran.out) == (1, True)
    (tmp_path / "x" / "face.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(9))
    ran = run("source", "scan", tmp_path / "x", "--html", tmp_path / "r.html")
    assert (ran.code, "NOT LOOKED INTO: 1" in ran.out) == (1, True)
    assert "什么也没有检查到" in (tmp_path / "r.html").read_text("utf-8")


def test_misuse_is_told(tmp_path: Path) -> None:
    """Neither source nor report, both, or resuming without a report."""
    assert run("source", "scan").code == 2
    assert run("source", "scan", tmp_path, "--regrade", tmp_path / "r.json").code == 2
    assert run("source", "scan", tmp_path, "--resume").code == 2


def test_a_report_that_is_nested_without_end_is_none(tmp_path: Path) -> None:
    """A hundred thousand brackets are a clean refusal, not a crash."""
    deep = tmp_path / "deep.json"
    for text in ("[" * 100_000 + "]" * 100_000, '{"scan":' + "[" * 100_000 + "]" * 100_000 + "}"):
        deep.write_text(text, "utf-8")
        ran = run("source", "scan", "--regrade", deep, "--json")
        assert (ran.code, ran.data["error"]) == (1, "invalid")


def test_names_are_looked_for_unless_told_not_to(tmp_path: Path) -> None:
    """By default; the terminal and the page say it when they were not."""
    (tmp_path / "notes.txt").write_text("联系借款人张志强，电话无人接。\n李秀兰已还款。\n王建国拒接。\n", "utf-8")
    told = "names and addresses inside texts and values were not looked for"
    ran = run("source", "scan", tmp_path, "--html", tmp_path / "r.html", "--language", "en")
    assert re.search(r"notes.txt +Name$", ran.out, re.MULTILINE), ran.out
    assert told not in ran.out
    assert told not in (tmp_path / "r.html").read_text("utf-8").lower()
    ran = run("source", "scan", tmp_path / "notes.txt", "--no-names", "--html", tmp_path / "q.html", "--language", "en")
    assert "no personal information recognised" in ran.out
    assert told in ran.out
    assert told in (tmp_path / "q.html").read_text("utf-8").lower()


def test_a_scan_without_the_model_says_what_brings_it(tmp_path: Path) -> None:
    """Without numpy nobody can look for names: one line says so, with what to install; --no-names asks for nothing."""
    (tmp_path / "notes.txt").write_text("联系借款人张志强，电话无人接。\n", "utf-8")
    with mock.patch("shouxin.operations.scanning.scan_source.find_spec", return_value=None):
        ran = run("source", "scan", tmp_path, "--report", tmp_path / "r.json")
        (line,) = [line for line in ran.out.splitlines() if "were not looked for" in line]
        assert line.endswith("they need the extra 'detection': pip install '.[detection]' in the checkout")
        assert "pip" not in run("source", "scan", tmp_path / "notes.txt", "--no-names").out
    assert "pip" not in run("source", "scan", "--regrade", tmp_path / "r.json").out
