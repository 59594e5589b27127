"""Look for what people said, in every form in which it could stand in something written.

Two values stand for all text: whoever plants ``HAN`` and ``LATIN`` in every text of a person looks for these two.
Numbers are looked for as they are.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.parse import quote

import hyperscan

__all__ = ["HAN", "LATIN", "Marks", "forms_of", "packings"]

HAN: Final = "龘靐齉"
LATIN: Final = "zqxmarked"
# Where a stream may begin that was packed: zlib at each of its usual levels, and gzip.
_PACKED: Final = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_MOST: Final = 1 << 24


def _based(raw: bytes) -> Iterator[bytes]:
    """Yield ``raw`` in base64 as it stands inside a longer run, at each of the three places where it may begin."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + raw)
        start, end = (before * 8 + 5) // 6, (before + len(raw)) * 8 // 6
        for text in (whole[start:end], whole[start:end].translate(bytes.maketrans(b"+/", b"-_"))):
            if len(text) >= 8:  # less could stand anywhere
                yield text


def forms_of(text: str) -> set[bytes]:
    """Return ``text`` as it could stand in a file.

    UTF-8, UTF-16, GB 18030; of these base64 and hexadecimal digits; backwards; escaped for JSON, Python and URLs.
    """
    plain = [text.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")]
    found = {*plain, text.encode()[::-1], text[::-1].encode()}
    for raw in plain:
        found |= {*_based(raw), raw.hex().encode(), raw.hex().upper().encode()}
    escaped = {json.dumps(text)[1:-1].encode(), repr(text.encode())[2:-1].encode(), quote(text).encode()}
    return found | escaped | {quote(text).lower().encode()}


class Marks:
    """What is looked for: texts in every form, and pieces of bytes as they are; each is told by its own name."""

    def __init__(self, texts: Iterable[str], pieces: Iterable[bytes] = ()) -> None:
        wanted = [(form, text) for text in sorted(set(texts)) for form in sorted(forms_of(text))]
        wanted += [(piece, f"piece {number}") for number, piece in enumerate(pieces)]
        self._names = [name for _, name in wanted]
        self._database = hyperscan.Database()
        self._database.compile(
            expressions=[b"".join(b"\\x%02x" % one for one in form) for form, _ in wanted],
            ids=list(range(len(wanted))),
            flags=[hyperscan.HS_FLAG_SINGLEMATCH] * len(wanted),
        )

    def _hits(self, content: bytes) -> set[str]:
        hits: set[str] = set()
        self._database.scan(content, match_event_handler=lambda number, *_: hits.add(self._names[number]))
        return hits

    def within(self, content: bytes | str) -> set[str]:
        """Return what stands in ``content``, also within what is packed in it."""
        raw = content.encode(errors="surrogatepass") if isinstance(content, str) else content
        return set().union(*map(self._hits, [raw, *_unpacked(raw)]))

    def files(self, *folders: Path) -> dict[str, set[str]]:
        """Return every file below ``folders`` with what stands in its content or name; equal contents once.

        Raises:
            AssertionError: there are no files at all, so nothing was looked at.
        """
        found: dict[str, set[str]] = {}
        known: dict[bytes, set[str]] = {}
        looked = 0
        for path in sorted(one for folder in folders for one in folder.rglob("*") if one.is_file()):
            content = path.read_bytes()
            looked += 1
            digest = sha256(content).digest()
            if digest not in known:
                known[digest] = self.within(content)
            if hits := known[digest] | self._hits(str(path).encode()):
                found[str(path)] = hits
        assert looked, "no file was looked at"
        return found


def _unpacked(content: bytes) -> Iterator[bytes]:
    """Yield what was packed: members of an archive, and every stream of zlib or gzip wherever it begins."""
    if zipfile.is_zipfile(BytesIO(content)):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            yield from map(archive.read, archive.namelist())
    for start in _PACKED.finditer(content):
        bits = 47  # zlib or gzip, as the stream says
        try:
            yield zlib.decompressobj(bits).decompress(content[start.start() :], _MOST)
        except zlib.error:
            continue


def packings(text: str) -> dict[str, bytes]:
    """Return ``text`` as it stands in a longer text that was packed or written otherwise, by how; to try a search."""
    raw = f"a{text}b".encode()
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("one", raw)
    based = {f"base64 after {before}": base64.b64encode(b"x" * before + raw) for before in range(3)}
    return based | {
        "UTF-8": raw,
        "UTF-16 LE": raw.decode().encode("utf-16-le"),
        "UTF-16 BE": raw.decode().encode("utf-16-be"),
        "GB 18030": raw.decode().encode("gb18030"),
        "hexadecimal": raw.hex().encode(),
        "backwards": raw.decode()[::-1].encode(),
        "bytes backwards": raw[::-1],
        "zlib": b"before" + zlib.compress(raw),
        "gzip": b"before" + gzip.compress(raw),
        "zip": archive.getvalue(),
        "URL": quote(raw.decode()).encode(),
        "JSON": json.dumps(raw.decode()).encode(),
    }
