"""English identifiers by the recognisers of presidio-analyzer, where it is installed; nothing else here needs it.

Only recognisers by pattern are taken: they need no language model and reach no network (its e-mail recogniser would
fetch a list of domains; ours finds e-mail).
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Final

from shouxin.detection.foreign import OtherRecogniser, with_recognisers
from shouxin.detection.scan import Finder
from shouxin.errors import Misconfigured

__all__ = ["english_beside", "presidio_version"]

_ENGLISH: Final = (
    "CreditCardRecognizer",
    "IbanRecognizer",
    "PhoneRecognizer",
    "UkNinoRecognizer",
    "UsItinRecognizer",
    "UsPassportRecognizer",
    "UsSsnRecognizer",
)


def presidio_version() -> str:
    """Return which presidio-analyzer is installed, for the report.

    Raises:
        Misconfigured: none is.
    """
    if not find_spec("presidio_analyzer"):
        raise Misconfigured("presidio-analyzer is not installed: pip install presidio-analyzer")
    return f"presidio-{version('presidio-analyzer')}"


def english_beside(own: Finder) -> Finder:
    """Return an engine that finds what ``own`` finds and what Presidio's English recognisers find.

    Raises:
        Misconfigured: presidio-analyzer is not installed.
    """
    presidio_version()
    known = import_module("presidio_analyzer.predefined_recognizers")
    made: list[OtherRecogniser] = [getattr(known, name)() for name in _ENGLISH]
    return with_recognisers(own, made)
