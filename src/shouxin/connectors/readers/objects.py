"""Objects of a bucket, or of anything else that obstore reaches by a URL.

Laws. Nothing is written. Credentials come from where the provider's tools look for them (environment, instance), never
from the URL; a URL that carries some is refused, because reports and shells keep it.

**Source:** obstore 0.12, ``store.from_url`` and ``open_reader``.
"""

from __future__ import annotations

import io
from functools import lru_cache
from importlib import import_module
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from shouxin.errors import Invalid

__all__ = ["listed", "open_object", "store_of"]


@lru_cache(maxsize=8)
def store_of(url: str) -> Any:  # noqa: ANN401 - obstore has a class a provider
    """Return the store of a URL.

    Raises:
        Invalid: it holds a password, or is of no kind that obstore knows.
    """
    parts = urlsplit(url)
    if parts.password or parts.username or parts.query:
        raise Invalid("credentials do not belong in a URL: set them in the environment", "source")
    store = import_module("obstore.store")
    try:
        return store.from_url(url)
    except Exception as error:
        raise Invalid(f"is no bucket that can be opened ({type(error).__name__})", "source") from None


def listed(url: str) -> list[tuple[str, int, str]]:
    """Return every object below a URL: key, bytes, and what identifies its content; sorted."""
    obstore = import_module("obstore")
    found = [
        (one["path"], one["size"], str(one.get("e_tag") or one["last_modified"]))
        for batch in obstore.list(store_of(url), chunk_size=1000)
        for one in batch
    ]
    return sorted(found)


class _ObjectStream(io.RawIOBase):
    """obstore's reader as Python's streams are."""

    def __init__(self, inner: Any) -> None:  # noqa: ANN401 - obstore's reader
        self._inner = inner

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # the stubs say any buffer
        data = bytes(self._inner.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return int(self._inner.seek(offset, whence))

    def tell(self) -> int:
        return int(self._inner.tell())


def open_object(url: str, key: str) -> BinaryIO:
    """Return a stream of an object, which can seek."""
    obstore = import_module("obstore")
    return cast("BinaryIO", io.BufferedReader(_ObjectStream(obstore.open_reader(store_of(url), key)), 1 << 20))
