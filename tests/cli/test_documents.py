from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest

from tests.cli.shell import lender, run
from tests.workspaces import PURPOSE


@pytest.mark.parametrize("kind", ["record", "inventory", "sharing", "assessment"])
def test_a_document_is_shown_told_and_written(tmp_path: Path, kind: str) -> None:
    """Lines for people, one JSON object for programs, a PDF for a regulator: of one document, in either language."""
    home, _ = lender(tmp_path, 0, "dpo")
    told = run("purpose", kind, home=home)
    assert (told.code, "测试金融有限公司" in told.out) == (0, True), told.err
    data = run("purpose", kind, PURPOSE, "--language", "en", "--json", home=home).data
    assert (data["document"]["kind"], data["document"]["language"]) == (kind, "en")
    file = tmp_path / "made.pdf"
    written = run("purpose", kind, "--pdf", file, home=home)
    assert (written.code, str(file) in written.out) == (0, True), written.err
    pages = pypdf.PdfReader(io.BytesIO(file.read_bytes())).pages
    assert "测试金融有限公司" in pages[0].extract_text()


def test_lines_hold_titles_questions_and_findings(tmp_path: Path) -> None:
    """What the PDF asks and marks, the terminal asks and marks."""
    home, _ = lender(tmp_path, 0, "dpo")
    draft = run("purpose", "assessment", PURPOSE, "--language", "en", home=home).out
    for found in (
        "Impact assessment (draft)",
        "Q1  Does this processing",
        "PIPL 55(1)(1)",
        "look_ups_an_hour is 0",
        "- Stored and",
    ):
        assert found in draft


def test_what_is_not_there_or_cannot_be_written_is_said(tmp_path: Path) -> None:
    """An unknown purpose, and a folder that is none, end with 1 and leave no file."""
    home, _ = lender(tmp_path, 0, "dpo")
    unknown = run("purpose", "record", "no.such", "--json", home=home)
    assert (unknown.code, unknown.data["error"]) == (1, "not-found")
    nowhere = run("purpose", "record", "--pdf", tmp_path / "none" / "made.pdf", "--json", home=home)
    assert (nowhere.code, nowhere.data["error"]) == (1, "misconfigured")


def test_documents_speak_the_language_of_the_workspace_unless_told(tmp_path: Path) -> None:
    """``config.toml`` says en, so does the document; --lang zh says otherwise; another language is no setting."""
    home, _ = lender(tmp_path, 0, "dpo")
    config = home / "config.toml"

    def spoken(*words: str) -> str:
        return str(run("purpose", "record", *words, "--json", home=home).data["document"]["language"])

    assert (spoken(), spoken("--lang", "en")) == ("zh", "en")
    text = config.read_text("utf-8")
    config.write_text(text.replace('language = "zh"', 'language = "en"'), "utf-8")
    assert (spoken(), spoken("--lang", "zh")) == ("en", "zh")
    config.write_text(text.replace('language = "zh"', 'language = "fr"'), "utf-8")
    assert run("purpose", "record", home=home).code == 1
