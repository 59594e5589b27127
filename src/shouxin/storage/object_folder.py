"""What objects in a local folder need beyond any store: reading by place, durability, and many removed at once."""

from __future__ import annotations

import errno
import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from shouxin.domain.several import several_at_a_time

__all__ = ["ObjectFolder"]


class ObjectFolder:
    """A folder with objects at relative paths of the form ``ab/abcd…``. Methods raise ``OSError``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str, start: int, end: int) -> bytes:
        """Read bytes [start, end) as far as there are any, and have the disk read no more ahead of them."""
        handle = os.open(self._folder / path, os.O_RDONLY)
        try:
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_RANDOM)
            return os.pread(handle, end - start, start)
        finally:
            os.close(handle)

    def sync(self, path: str) -> None:
        """Make an object durable: the library writes it whole but leaves fsync to us."""
        place = self._folder / path
        for one in (place, place.parent, self._folder):
            handle = os.open(one, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def stands(self, path: str) -> bool:
        """Say whether there is an object at ``path``.

        Raises:
            OSError: the folder itself is not there, so nobody can say.
        """
        place = self._folder / path
        try:
            place.stat()
        except FileNotFoundError:
            self._must_be_there()
            return False
        return True

    def _must_be_there(self) -> None:
        """Raise an error that is not that an object is missing: a disk that is not mounted says nothing of any."""
        if not self._folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))

    def remove(self, paths: Iterable[str]) -> None:
        """Remove objects and what killed processes left beside their places; what is not there stays away."""
        self._must_be_there()
        by_folder: dict[str, set[str]] = defaultdict(set)
        for path in paths:
            folder, _, name = path.rpartition("/")
            by_folder[folder].add(name)
        several_at_a_time(self._remove_in, sorted(by_folder.items()))

    def _remove_in(self, some: tuple[str, set[str]]) -> None:
        folder, names = some
        where = self._folder / folder
        for place in (*(where / name for name in names), *self._left_in(where, names)):
            place.unlink(missing_ok=True)

    def clear(self, path: str) -> None:
        """Remove what a process that was killed left beside a place: the library writes there first, ``name#1``."""
        place = self._folder / path
        for left in self._left_in(place.parent, {place.name}):
            left.unlink(missing_ok=True)

    @staticmethod
    def _left_in(folder: Path, names: set[str]) -> list[Path]:
        try:
            with os.scandir(folder) as listed:
                return [Path(one.path) for one in listed if "#" in one.name and one.name.partition("#")[0] in names]
        except FileNotFoundError:
            return []
