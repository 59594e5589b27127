"""Papers, pictures and recognisers: drivers that come with an extra and say so when it is not installed."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final

from shouxin.config import how_to_install
from shouxin.connectors.media.rendering import MediaRenderer
from shouxin.consent.signature import SignatureReader
from shouxin.detection.media.rendition import Renderer
from shouxin.detection.scan import Finder
from shouxin.domain.clock import Instant
from shouxin.errors import Misconfigured

__all__ = ["english_recognisers", "media_renderer", "paper_notice", "signed_notices"]

_PAPER_FONT: Final = "Noto Sans SC"


def english_recognisers() -> tuple[str, Callable[[Finder], Finder]]:
    """Return the version of Presidio and what puts its English recognisers beside an engine.

    Raises:
        Misconfigured: presidio-analyzer is not installed.
    """
    presidio = import_module("shouxin.connectors.presidio")
    return presidio.presidio_version(), presidio.english_beside


def media_renderer() -> Renderer:
    """Return what masks pictures, video and recordings; it says itself when the extra ``media`` is not installed."""
    return MediaRenderer()


def paper_notice(text: str, title: str, language: str, now: Instant) -> bytes:
    """Return a notice as a PDF to sign, with its exact text attached; set in the fonts that ship with the product.

    Raises:
        Misconfigured: the fonts, or the extra ``signing``, are not installed.
    """
    from shouxin.connectors.notice_pdf import notice_pdf  # noqa: PLC0415 - typesetting is loaded when it is needed
    from shouxin.documents.typst_pdf import packaged_fonts  # noqa: PLC0415

    return notice_pdf(text, title, language, _PAPER_FONT, now, tuple(packaged_fonts()))


def signed_notices(roots: bytes, sent: bytes) -> SignatureReader:
    """Return what checks signed notices against the trusted certificates ``roots`` (PEM).

    ``sent`` is the paper as it was handed out, from ``paper_notice``: what comes back begins with exactly its bytes.

    Raises:
        Misconfigured: the extra ``signing`` is not installed.
    """
    try:
        from shouxin.connectors.signed_pdf import SignedPdf  # noqa: PLC0415 - an extra
    except ImportError:
        raise Misconfigured(f"signed documents need the extra 'signing': {how_to_install('signing')}") from None
    return SignedPdf(roots, sent=sent)
