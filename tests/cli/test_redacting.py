from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

from shouxin.demo.identities import Fabricator
from shouxin.demo.specimen import id_card
from tests.cli.shell import lender, run
from tests.connectors.media.looking import pdf, png, says


@pytest.mark.slow
def test_a_sealed_picture_is_written_masked_and_nothing_is_overwritten(tmp_path: Path) -> None:
    """``object redact`` writes a new file with another picture, tells what it masked, and leaves other files alone."""
    home, [who] = lender(tmp_path, 1, "collector", "analyst", "approver")
    photo, made = tmp_path / "card.png", tmp_path / "masked.png"
    photo.write_bytes(png(id_card(Fabricator(1).identity(1))))
    words = ("--purpose", "credit.review")
    kept = run(
        "subject", "keep", who, photo, *words, "--item", "identity.name", "--as", "collector", "--json", home=home
    )
    asked = ("object", "redact", kept.data["object"], *words, "--to", made)
    refused = run(*asked, "--as", "approver", "--json", home=home)
    assert (refused.code, refused.data["error"], made.exists()) == (1, "refused", False)
    done = run(*asked, "--as", "analyst", "--json", home=home)
    assert (done.code, done.data["format"], done.data["faces"]) == (0, "png", 1), done.out + done.err
    assert done.data["texts"] > 5
    assert made.read_bytes().startswith(b"\x89PNG")
    assert made.read_bytes() != photo.read_bytes()
    assert made.stat().st_mode & 0o777 == 0o600
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(pdf(says("ID number 11010519491231002X of nobody")))
    kept = run(
        "subject", "keep", who, paper, *words, "--item", "identity.name", "--as", "collector", "--json", home=home
    )
    masked = tmp_path / "masked.pdf"
    done = run("object", "redact", kept.data["object"], *words, "--to", masked, "--as", "analyst", "--json", home=home)
    assert (done.code, done.data["format"], done.data["pages"]) == (0, "pdf", 1), done.out + done.err
    assert [page.extract_text() for page in PdfReader(masked).pages] == [""]
    again = run(*asked, "--as", "analyst", "--json", home=home)
    assert (again.code, again.data["error"]) == (1, "invalid")
