"""The port of the public log (``operations.copies.Publication``): one suite over every driver."""

from __future__ import annotations

import pytest

from shouxin.bootstrap import verifier_script
from shouxin.operations.copies import VERIFIER, Publication
from shouxin.storage.publication import PublicFolder
from tests.conformance.drivers import Driver, Opener, over

PUBLICATIONS: dict[str, Driver[Publication]] = {
    "folder": lambda folder: lambda: PublicFolder(folder),
}
publication_of = over(PUBLICATIONS)

ONE, TWO = "tile/0/000.p/5", "tile/entries/000.p/5"


def test_nothing_is_published_at_first(publication_of: Opener[Publication]) -> None:
    """An empty place has no checkpoint, no file and no names; asking is no error."""
    made = publication_of()
    assert made.checkpoint() is None
    assert made.read(ONE) is None
    assert list(made.names("tile")) == []


def test_what_is_published_is_there_for_whoever_comes_later(publication_of: Opener[Publication]) -> None:
    """Files come back byte for byte by their path, below their folder, also to another opening."""
    content = {ONE: bytes(range(160)), TWO: b"\0\1x"}
    publication_of().put_tiles(iter(content.items()))
    later = publication_of()
    assert {name: later.read(name) for name in content} == content
    assert sorted(later.names("tile")) == sorted(content)
    assert list(later.names("tile/entries")) == [TWO]
    assert later.read("tile") is None


def test_a_tile_that_was_published_stays_as_it_was(publication_of: Opener[Publication]) -> None:
    """Full and partial tiles never change: another content under a path that is taken is left alone."""
    made = publication_of()
    made.put_tiles([(ONE, b"first")])
    made.put_tiles([(ONE, b"second"), (TWO, b"new")])
    assert (made.read(ONE), made.read(TWO)) == (b"first", b"new")


def test_the_checkpoint_is_the_last_that_was_put(publication_of: Opener[Publication]) -> None:
    """Each replaces the one before it, and is read back as it was put."""
    made = publication_of()
    for note in ("lender.example/log\n5\n…\n", "lender.example/log\n9\n…\n"):
        made.put_checkpoint(note)
        assert made.checkpoint() == publication_of().checkpoint() == note


def test_the_verifier_that_ships_is_published(publication_of: Opener[Publication]) -> None:
    """It is what the program carries, and is put right when somebody changed it."""
    made = publication_of()
    assert made.verifier() == verifier_script()
    assert made.read(VERIFIER) is None
    made.put_verifier()
    made.put_verifier()
    assert publication_of().read(VERIFIER) == made.verifier()


@pytest.mark.parametrize("many", [0, 3])
def test_putting_any_number_of_files_is_one_call(publication_of: Opener[Publication], many: int) -> None:
    """None, or several from an iterator that is read once."""
    made = publication_of()
    made.put_tiles((f"tile/0/{number:03}", bytes([number])) for number in range(many))
    assert sorted(made.names("tile")) == [f"tile/0/{number:03}" for number in range(many)]
