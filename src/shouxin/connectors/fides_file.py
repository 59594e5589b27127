"""Fides dataset files: YAML, read safely. Needs the extra ``databases``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shouxin.config import how_to_install
from shouxin.errors import Invalid, Misconfigured

__all__ = ["read_fides"]


def read_fides(text: str, file: str) -> Mapping[str, Any]:
    """Return the mapping that a YAML text holds.

    Raises:
        Invalid: no YAML, or no mapping; ``place`` is file and line. Misconfigured: PyYAML is not installed.
    """
    try:
        import yaml  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise Misconfigured(f"the reader of YAML is not installed: {how_to_install('databases')}") from None
    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise Invalid("not YAML", f"{file}:{mark.line + 1 if mark else 1}") from None
    if not isinstance(said, Mapping):
        raise Invalid("a Fides file is a mapping", f"{file}:1")
    return said
