"""A sealed file that opens itself: one HTML page that any browser opens offline with the passphrase, and nothing else.

The page holds a box (``keys.passphrase``) as JSON and a script, fixed and named by its hash in the page's own policy,
that derives the key and opens the box with WebCrypto. The page loads nothing and can send nothing: its policy has no
address in it. Inside are the readable page and a zip of the machine-readable files.

::

    box      {"format": FORMAT, "salt", "nonce", "sealed": base64, "iterations"}; FORMAT is what is authenticated
    opened   length of the page 4 (big-endian) | page, UTF-8 | zip

**Source:** W3C Web Cryptography API; W3C CSP Level 3; ADR 14.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Protocol

from shouxin.errors import Invalid, Tampered

__all__ = ["CONTEXT", "FORMAT", "BoxParts", "Contents", "box_in", "contents_of", "join_contents", "sealed_page"]

FORMAT: Final = "shouxin.sealed-page/1"
CONTEXT: Final = FORMAT.encode()
_BEGIN: Final = '<script id="box" type="application/json">'
_END: Final = "</script>"
_LENGTH: Final = struct.Struct(">I")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first time a zip knows: when a file was made is said inside
_STYLE: Final = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "input{font:inherit;width:100%;padding:.5rem;box-sizing:border-box}button{font:inherit;padding:.5rem 1.5rem;"
    "margin:1rem 0}iframe{width:100%;height:85vh;border:1px solid #ccc;margin-top:1rem}"
)


class BoxParts(Protocol):
    """What a box is made of; ``keys.passphrase`` makes and opens it."""

    @property
    def salt(self) -> bytes:
        """The salt."""
        ...

    @property
    def nonce(self) -> bytes:
        """The nonce."""
        ...

    @property
    def iterations(self) -> int:
        """The rounds."""
        ...

    @property
    def sealed(self) -> bytes:
        """Ciphertext and tag."""
        ...


@dataclass(frozen=True, slots=True)
class Contents:
    """What is inside: the readable page, and the files of the zip by name."""

    page: str
    files: Mapping[str, bytes]


def join_contents(contents: Contents) -> bytes:
    """Return contents as the bytes to be sealed; the same contents give the same bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in sorted(contents.files.items()):
            packed.writestr(zipfile.ZipInfo(name, _EPOCH), body, zipfile.ZIP_DEFLATED)
    page = contents.page.encode()
    return _LENGTH.pack(len(page)) + page + held.getvalue()


def contents_of(opened: bytes) -> Contents:
    """Return what ``join_contents`` joined.

    Raises:
        Tampered: it does not read as one.
    """
    try:
        (length,) = _LENGTH.unpack_from(opened)
        start = _LENGTH.size + length
        with zipfile.ZipFile(io.BytesIO(opened[start:])) as packed:
            held = {name: packed.read(name) for name in packed.namelist()}
        return Contents(opened[_LENGTH.size : start].decode(), held)
    except (struct.error, UnicodeDecodeError, zipfile.BadZipFile):
        raise Tampered("what was sealed does not read as a package") from None


@cache
def _script() -> tuple[str, str]:
    """Return the script and its hash as a policy names it."""
    text = (files("shouxin.rights") / "opener.js").read_text("utf-8")
    return text, base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def sealed_page(box: BoxParts, lender: str, escape: Callable[[str], str]) -> str:
    """Return the page around ``box``; ``lender`` is shown, through ``escape``, to whoever has no passphrase yet."""
    script, digest = _script()
    held = {
        "format": FORMAT,
        "kdf": "PBKDF2-HMAC-SHA-256",
        "iterations": box.iterations,
        "salt": base64.b64encode(box.salt).decode(),
        "cipher": "AES-256-GCM",
        "nonce": base64.b64encode(box.nonce).decode(),
        "sealed": base64.b64encode(box.sealed).decode(),
    }
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; frame-src 'self'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width"><title>加密文件 / Sealed file</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(lender)}</h1>"
        "<p>本文件只能用另行告知您的一次性口令打开。打开在您的设备上完成，不会联网。</p>"
        "<p>This file opens with the one-time passphrase that you were told separately. It opens on your device and "
        'sends nothing.</p><form id="form"><input id="passphrase" autocomplete="off" autocapitalize="characters" '
        'spellcheck="false" aria-label="口令 passphrase"><button>打开 / Open</button></form>'
        '<p id="said" role="status"></p>'
        f"{_BEGIN}{json.dumps(held)}{_END}<script>{script}</script></body></html>\n"
    )


def box_in(text: str) -> dict[str, bytes | int]:
    """Return the parts of the box in a page: ``salt``, ``nonce``, ``iterations``, ``sealed``.

    Raises:
        Invalid: this is no sealed page, or of a format that is not known here.
    """
    start = text.find(_BEGIN)
    end = text.find(_END, start)
    try:
        held = json.loads(text[start + len(_BEGIN) : end]) if start >= 0 else {}
        if held.get("format") != FORMAT:
            raise Invalid("this is no sealed page of a format that is known here", "file")
        rounds = held["iterations"]
        if type(rounds) is not int:
            raise Invalid("this sealed page does not read as one", "file")
        parts = {name: base64.b64decode(held[name], validate=True) for name in ("salt", "nonce", "sealed")}
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError, binascii.Error):
        raise Invalid("this sealed page does not read as one", "file") from None
    return {**parts, "iterations": rounds}
