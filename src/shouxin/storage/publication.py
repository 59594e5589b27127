"""The public part of the log as files, laid out as c2sp.org/tlog-tiles says; any web server can serve the folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from shouxin.errors import Misconfigured
from shouxin.operations.copies import VERIFIER
from shouxin.storage.files import guarded, write_whole

__all__ = ["PublicFolder", "verifier_script"]


def verifier_script() -> bytes:
    """Return the stand-alone verifier of certificates: beside the package where it is installed, else at the root.

    Raises:
        Misconfigured: this installation lacks it.
    """
    package = Path(__file__).resolve().parents[1]
    for place in (package / VERIFIER, package.parents[1] / VERIFIER):
        if place.is_file():
            return place.read_bytes()
    raise Misconfigured("the stand-alone verifier is missing from this installation")


class PublicFolder:
    """The driver of ``operations.copies.Publication``. Files are readable by everybody: they name nobody."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put_tiles(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write files by path; one that is there with the same content is left alone."""
        with guarded("the public folder"):
            for name, content in files:
                place = self._folder / name
                if not place.exists():
                    place.parent.mkdir(parents=True, exist_ok=True)
                    write_whole(place, content, mode=0o644)

    def put_checkpoint(self, note: str) -> None:
        """Publish a checkpoint."""
        with guarded("the public folder"):
            write_whole(self._folder / "checkpoint", note.encode(), mode=0o644)

    def put_verifier(self) -> None:
        """Publish the program that checks certificates, beside the key that it needs."""
        with guarded("the public folder"):
            write_whole(self._folder / VERIFIER, verifier_script(), mode=0o644)

    def verifier(self) -> bytes:
        """Return that program as it ships."""
        return verifier_script()

    def checkpoint(self) -> str | None:
        """Return the published checkpoint."""
        content = self.read("checkpoint")
        return None if content is None else content.decode(errors="replace")

    def names(self, below: str) -> Iterable[str]:
        """Return the path of every published file below a folder."""
        with guarded("the public folder"):
            found = [path for path in (self._folder / below).rglob("*") if path.is_file()]
        return [path.relative_to(self._folder).as_posix() for path in found]

    def read(self, path: str) -> bytes | None:
        """Return a published file."""
        place = self._folder / path
        with guarded("the public folder"):
            return place.read_bytes() if place.is_file() else None
