"""The port of masked renditions (``detection.media.rendition.Renderer``): one suite over every driver.

What engines must find and hide is tested beside the driver; here, what every caller may count on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from shouxin.connectors.media.rendering import MediaRenderer
from shouxin.demo.specimen import id_card
from shouxin.detection.media.rendition import Renderer, RenditionFacts
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, Tampered
from tests.connectors.media.looking import WHO, png

RENDERERS: Final[dict[str, Callable[[], Renderer]]] = {"media": MediaRenderer}
CARD: Final = png(id_card(WHO))
PIECE: Final = 10_000


@pytest.fixture(params=list(RENDERERS.values()), ids=list(RENDERERS))
def renderer(request: pytest.FixtureRequest) -> Renderer:
    """Each driver in turn."""
    made: Renderer = request.param()
    return made


def _open_files() -> int:
    """How many files this process has open, those without a name too."""
    files = Path("/proc/self/fd")
    return len(list(files.iterdir())) if files.exists() else 0


def _masked(renderer: Renderer, parts: Iterable[Plaintext]) -> tuple[RenditionFacts, bytes]:
    with renderer.masked(parts) as made:
        return made.facts, b"".join(made.parts)


def _failed_within(renderer: Renderer, parts: Iterable[Plaintext]) -> tuple[RenditionFacts, bytes]:
    """What was seen of a rendition by a caller who fails before all of it is read."""
    seen: list[tuple[RenditionFacts, bytes]] = []
    with suppress(KeyError), renderer.masked(parts) as made:
        seen.append((made.facts, next(made.parts)))
        raise KeyError
    return seen[0]


@pytest.mark.slow
def test_an_object_in_parts_is_the_object_and_none_of_it_stays(renderer: Renderer) -> None:
    """However it is cut, facts and bytes are the same; text is hidden; nothing stays open after a failing caller."""
    before = _open_files()
    facts, made = _masked(renderer, [Plaintext(CARD)])
    pieces = (Plaintext(CARD[at : at + PIECE]) for at in range(0, len(CARD), PIECE))
    again, begun = _failed_within(renderer, pieces)
    assert again == facts
    assert begun
    assert made.startswith(begun)
    assert (facts.suffix, facts.texts > 0) == (".png", True)
    assert not [at for at in range(200, len(CARD) - 64, 64) if CARD[at : at + 64] in made]
    assert _open_files() == before


def test_a_source_that_breaks_off_is_the_callers_error(renderer: Renderer) -> None:
    """What reading the object raises comes out as it is, and nothing stays open."""

    def broken() -> Iterator[Plaintext]:
        yield Plaintext(CARD[:PIECE])
        raise Tampered("a chunk is missing")

    before = _open_files()
    with pytest.raises(Tampered, match="a chunk is missing"), renderer.masked(broken()):
        pass
    assert _open_files() == before


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", CARD[: len(CARD) // 3]])
def test_what_cannot_be_masked_is_invalid(renderer: Renderer, data: bytes) -> None:
    """Nothing, another kind of file, and a part of a picture give no rendition."""
    with pytest.raises(Invalid, match="cannot be masked"), renderer.masked([Plaintext(data)]):
        pass
