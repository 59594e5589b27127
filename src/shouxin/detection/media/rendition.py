"""The port of what masks: whatever goes in, a rendition comes out in which nobody is seen, read or heard.

Laws. A rendition has been read back before it is handed out: the same engines that found what to hide look once more,
at other moments. What they still see is masked too, or there is no rendition. Masks are one colour and muted speech is
silence: nothing of what was there is left to sharpen. All text is masked, not what was recognised only.

Called by: ``operations.opening.redact``; the driver stands in ``connectors.media``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from shouxin.domain.plaintext import Plaintext

__all__ = ["Renderer", "Rendition", "RenditionFacts", "RenditionReply"]


@dataclass(frozen=True, slots=True)
class RenditionFacts:
    """What a rendition hides. ``suffix`` names its format; ``muted`` and ``seconds`` are seconds, 0 of a picture.

    ``faces`` and ``texts`` count samples in which something was masked, not people or words. ``pages`` are those of a
    document, 0 of anything else.
    """

    suffix: str
    faces: int
    texts: int
    muted: float = 0.0
    seconds: float = 0.0
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Rendition:
    """A rendition that was read back: what it hides, and its bytes, a part at a time."""

    facts: RenditionFacts
    parts: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class RenditionReply:
    """What a process apart says of its masking: facts, or why there are none (``UnreadReason``, ``seen``, …)."""

    facts: RenditionFacts | None = None
    failed: str = ""


class Renderer(Protocol):
    """Whoever can mask."""

    def masked(self, parts: Iterable[Plaintext]) -> AbstractContextManager[Rendition]:
        """Mask a whole object. Nothing of it stays anywhere when the context ends.

        Raises:
            Invalid: it is no picture, document or video that can be masked: broken, too large, too slow.
            Refused: what is seen in the rendition could not be masked.
            Misconfigured: the engines are not installed.
        """
        ...
