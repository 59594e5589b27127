from __future__ import annotations

import base64
import html
import json
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from shouxin.errors import Invalid, Tampered
from shouxin.keys.passphrase import PassphraseBox, new_passphrase, open_box, seal_box
from shouxin.rights.sealed_page import CONTEXT, Contents, box_in, contents_of, join_contents, sealed_page

INSIDE = Contents("<h1>鹿鸣</h1>", {"b.json": b"{}", "a.html": "<p>鹿鸣</p>".encode()})
# What the page's script does with its elements, without a browser: a document of three elements.
STAND_IN = """
const fs = require("fs");
const [page, passphrase] = [fs.readFileSync(process.argv[2], "utf8"), process.argv[3]];
const box = page.match(/<script id="box"[^>]*>(.*?)<\\/script>/s)[1];
const script = page.match(/<script>(.*?)<\\/script>/s)[1];
const shown = [];
const said = { set textContent(text) { shown.push(text); } };
let submit = null;
globalThis.document = {
  getElementById: (name) => ({ box: { textContent: box }, said, passphrase: { value: passphrase },
    form: { addEventListener: (_, run) => { submit = run; } } }[name]),
  createElement: () => ({ setAttribute() {} }),
  body: { replaceChildren: (link, frame) => { shown.push(frame.srcdoc); } },
};
(0, eval)(script);
submit({ preventDefault() {} }).then(() => console.log(JSON.stringify(shown)));
"""


def _page(lender: str = "测试金融") -> tuple[str, str]:
    passphrase = new_passphrase()
    return sealed_page(seal_box(passphrase, join_contents(INSIDE), CONTEXT), lender, html.escape), passphrase


def _opened(page: str, passphrase: str) -> Contents:
    held = box_in(page)
    box = PassphraseBox(held["salt"], held["nonce"], held["iterations"], held["sealed"])  # type: ignore[arg-type]
    return contents_of(open_box(passphrase, box, CONTEXT))


def test_the_page_opens_to_what_was_put_in() -> None:
    """Page and files come out as they went in; the file shows none of it."""
    page, passphrase = _page()
    assert _opened(page, passphrase) == INSIDE
    assert "鹿鸣" not in page


def test_only_its_own_script_may_run_and_nothing_may_be_fetched() -> None:
    """The policy names the hash of the one script, and no address; the lender's name cannot break out."""
    page, _ = _page("<script>alert(1)</script>")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    assert policy is not None
    assert script is not None
    assert f"'sha256-{base64.b64encode(sha256(script[1].encode()).digest()).decode()}'" in policy[1]
    assert policy[1].startswith("default-src 'none'")
    assert "http" not in policy[1]
    assert "alert(1)</script>" not in page


def test_what_is_no_sealed_page_is_said() -> None:
    """Neither an empty file nor another format nor a box with a part missing."""
    page, _ = _page()
    for text in ("", page.replace("sealed-page/1", "sealed-page/9"), page.replace('"salt"', '"pepper"')):
        with pytest.raises(Invalid):
            box_in(text)
    with pytest.raises(Tampered):
        contents_of(b"\0\0\0\1x")


@pytest.mark.skipif(shutil.which("node") is None, reason="WebCrypto is tried in Node")
def test_a_browser_opens_it_with_the_passphrase_and_with_no_other(tmp_path: Path) -> None:
    """The page's own script, run by another implementation of WebCrypto, shows the page; or says that it cannot."""
    page, passphrase = _page()
    (tmp_path / "page.html").write_text(page, "utf-8")
    (tmp_path / "stand-in.js").write_text(STAND_IN, "utf-8")

    def shown(typed: str) -> list[str]:
        command = ["node", str(tmp_path / "stand-in.js"), str(tmp_path / "page.html"), typed]
        ran = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
        found: list[str] = json.loads(ran.stdout)
        return found

    assert shown(passphrase.lower())[-1] == INSIDE.page
    assert "another passphrase" in shown(new_passphrase())[-1]
