"""Redacting goes through the one door: decided, recorded, opened, masked, and only then handed out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shouxin.bootstrap import media_renderer
from shouxin.demo.identities import Fabricator
from shouxin.demo.specimen import id_card
from shouxin.detection.media.rendition import Rendition, RenditionFacts
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import ObjectId, new
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound, Refused
from shouxin.ledger.entry import decode
from shouxin.operations.adopting.cards import adopt_card
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.redact import redact_object
from shouxin.operations.subjects import freeze
from shouxin.vault.object import CHUNK
from tests import recorded
from tests.connectors.media.looking import png
from tests.operations.portfolio import Hands, Lender, card, lender

PURPOSE = "interview.video"


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two declined applicants, of a lender whose analysts may see interviews masked."""
    made = lender(tmp_path, Hands())
    masked = card(PURPOSE, 2).replace("[roles]\n", '[roles]\nmasked = ["analyst"]\n')
    adopt_card(made.workspace, made.tokens["dpo"], masked)
    made.take([1, 2], customer=False)
    return made


class _Black:
    """A renderer that shows how much it was given, to look at the door alone."""

    def __init__(self) -> None:
        self.given = 0

    @contextmanager
    def masked(self, parts: Iterable[Plaintext]) -> Iterator[Rendition]:
        for part in parts:
            self.given += len(part.reveal())
        yield Rendition(RenditionFacts(".png", 1, 2), iter([b"black"]))


def _events(bank: Lender) -> list[EventKind]:
    return [event.kind for event in recorded.events(bank.workspace)]


def test_a_rendition_is_a_masked_disclosure_of_everybody_in_it(bank: Lender) -> None:
    """The event says masked, names both people whom the object depicts, and stands before anything was opened."""
    film = bank.film(bank.people[1], b"x" * (CHUNK + 5), depicts=(bank.people[2],))
    renderer = _Black()
    with redact_object(bank.workspace, bank.tokens["analyst"], PURPOSE, film, renderer) as done:
        assert b"".join(done.rendition.parts) == b"black"
    event = decode(bank.workspace.data.read(lambda records: records.ledger.entry(done.leaf)))
    assert event.kind is EventKind.DISCLOSURE_MADE
    assert (event.facts["form"], event.facts["count"], event.facts["items"]) == ("masked", 2, ["interview.video"])
    assert renderer.given == CHUNK + 5


def test_whom_the_card_does_not_name_gets_nothing_and_is_on_record(bank: Lender) -> None:
    """A role that the card does not let see it masked is refused before anything is opened."""
    film, renderer = bank.film(bank.people[1]), _Black()
    with (
        pytest.raises(Refused),
        redact_object(bank.workspace, bank.tokens["collector"], PURPOSE, film, renderer),
    ):
        pass
    assert renderer.given == 0
    assert _events(bank)[-1] is EventKind.DISCLOSURE_REFUSED


def test_an_object_that_is_not_there_is_not_found(bank: Lender) -> None:
    """Unknown and erased objects answer alike, and record nothing of a disclosure."""
    film = bank.film(bank.people[1])
    erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    for name in (film, new(ObjectId)):
        with (
            pytest.raises(NotFound),
            redact_object(bank.workspace, bank.tokens["analyst"], PURPOSE, name, _Black()),
        ):
            pass
    assert EventKind.DISCLOSURE_MADE not in _events(bank)


def test_somebody_frozen_who_is_in_it_keeps_it_closed(bank: Lender) -> None:
    """While a person in the picture is only stored and protected, no rendition is made."""
    film = bank.film(bank.people[1], depicts=(bank.people[2],))
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[2])
    with (
        pytest.raises(Refused),
        redact_object(bank.workspace, bank.tokens["analyst"], PURPOSE, film, _Black()),
    ):
        pass


@pytest.mark.slow
def test_a_picture_leaves_masked_by_the_real_engines(bank: Lender) -> None:
    """A card that was sealed comes out as another picture; what is no picture is refused after it was recorded."""
    picture = png(id_card(Fabricator(1).identity(1)))
    film = bank.film(bank.people[1], picture)
    with redact_object(bank.workspace, bank.tokens["analyst"], PURPOSE, film, media_renderer()) as done:
        made = b"".join(done.rendition.parts)
    assert made.startswith(b"\x89PNG")
    assert made != picture
    assert (done.rendition.facts.faces, done.rendition.facts.texts > 5) == (1, True)
    junk = bank.film(bank.people[1], b"no picture at all")
    with (
        pytest.raises(Invalid, match="cannot be masked"),
        redact_object(bank.workspace, bank.tokens["analyst"], PURPOSE, junk, media_renderer()),
    ):
        pass
