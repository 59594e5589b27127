"""From TOML that somebody wrote to what it declares: strict, and every fault has its file."""

from __future__ import annotations

import tomllib
from typing import TypeVar

import msgspec

from shouxin.errors import Invalid

__all__ = ["from_toml"]

T = TypeVar("T")


def from_toml(text: str, as_type: type[T], file: str) -> T:
    """Return what ``text`` declares, read strictly as ``as_type`` (a ``msgspec.Struct``).

    Raises:
        Invalid: not TOML, nested too deeply, or an unknown or missing field; ``place`` is the file.
    """
    try:
        return msgspec.convert(tomllib.loads(text), as_type, strict=True)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"not TOML: {error}", file) from None
    except RecursionError:
        raise Invalid("nested too deeply", file) from None
    except msgspec.ValidationError as error:
        raise Invalid(str(error), file) from None
