"""Cases: erasing whole, in part and from the archive; archiving and recalling."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from shouxin.domain.identifiers import ObjectId, OperationId, SubjectId
from shouxin.errors import CallerError, StoreUnavailable
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.erasing.erase import erase, resume_erasures
from shouxin.operations.objects import archive as archiving
from shouxin.operations.objects.archive import run_archive
from shouxin.operations.objects.recall import recall_object
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.opening.permit import Wish
from shouxin.operations.tiers import hash_of
from shouxin.storage.object_store import ObstoreObjects
from shouxin.vault.certificate import check
from tests.faults.interrupted import FRAMES, Case, Site, cells_of, expect, gone, opens
from tests.operations.archives import DAYS, wait, with_archive
from tests.operations.portfolio import (
    CARD_NUMBER,
    JOB,
    MOBILE,
    VIDEO,
    Hands,
    Lender,
    lender,
)


class ErasingWhole(Case):
    """A declined applicant with a video, named by nobody; and one who stays."""

    writes = (
        *("SqlDataStore.transact", "JournalFile.append", "SqlKeyring.replace", "SqlIndex.remove"),
        *("ObstoreObjects.remove", "SqlDataStore.transact", "SqlDataStore.transact"),
    )

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1])
        bank.take([3, 4], customer=False, contact=True)
        bank.film(bank.people[3], FRAMES)
        bank.masked(bank.people[3])
        return Site.of(bank, cells=cells_of(bank, 3))

    def act(self, bank: Lender) -> None:
        erase(bank.workspace, bank.tokens["dpo"], bank.people[3])

    def between(self, site: Site, bank: Lender) -> None:
        opens(bank, 1, 4)
        if not bank.is_gone(bank.people[3]):  # not intended yet: then everything is as it was
            opens(bank, 3)

    def resume(self, site: Site, bank: Lender) -> Lender:
        resume_erasures(bank.workspace, bank.tokens["rights_desk"])
        if not bank.is_gone(bank.people[3]):
            self.act(bank)
        return bank

    def after(self, site: Site, bank: Lender) -> None:
        gone(bank, 3, site.notes["cells"])
        opens(bank, 1, 4)
        expect(len(bank.find_contact(4)) == len(bank.find_contact(3)) == 1, "a contact went with who named them")
        certified(bank, bank.people[3], "erased")
        expect(not list(bank.workspace.objects.all_objects()), "the video is left")


def certified(bank: Lender, subject: SubjectId, outcome: str) -> None:
    """The erasure of ``subject`` has one certificate, and it can be checked."""
    from shouxin.domain.authority import AuthorityKind

    rows = bank.workspace.data.read(lambda records: records.authority.find(AuthorityKind.ERASURE, subject=subject))
    expect(len(rows) == 1, f"{len(rows)} erasures instead of one")
    document = certificate(bank.workspace, bank.tokens["dpo"], OperationId(rows[0].identifier))
    verdict = check(document, bank.workspace.head.verifier)
    expect(verdict.outcome == outcome, f"the certificate says {verdict.outcome}")


class ErasingInPart(Case):
    """A customer under a floor: video and contact's edge go, identity and contract stay and open for the law."""

    writes = ("SqlDataStore.transact", "RevocationFile.intend", "RevocationFile.confirm", *ErasingWhole.writes[1:])

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2], contact=True)
        return Site.of(bank, film=bank.film(bank.people[1], FRAMES).hex())

    def act(self, bank: Lender) -> None:
        erase(bank.workspace, bank.tokens["dpo"], bank.people[1])

    def between(self, site: Site, bank: Lender) -> None:
        opens(bank, 2)

    def resume(self, site: Site, bank: Lender) -> Lender:
        resume_erasures(bank.workspace, bank.tokens["dpo"])
        try:
            bank.masked(bank.people[1])
        except CallerError:  # frozen: it was intended, and is finished now
            return bank
        self.act(bank)
        return bank

    def after(self, site: Site, bank: Lender) -> None:
        who, workspace = bank.people[1], bank.workspace
        wish = bank.wish(who, purpose="rights.answer", items={CARD_NUMBER, JOB, MOBILE})
        seen = disclose(workspace, bank.tokens["rights_desk"], wish).values[who]
        expect(set(seen) == {CARD_NUMBER, MOBILE}, "what a floor keeps does not open, or more than that does")
        expect(not workspace.objects.exists(ObjectId(bytes.fromhex(site.notes["film"]))), "the video is left")
        expect(bank.find(1) == [], "who is only stored and protected is found for a purpose that no law imposes")
        expect(len(bank.find_contact(1)) == 1, "the contact went with the edge")
        opens(bank, 2)
        certified(bank, who, "erased-in-part")


def whole_copies(bank: Lender) -> dict[str, int]:
    """Return, for every object on record, in how many stores it stands as it was sealed."""
    workspace = bank.workspace
    assert workspace.archive is not None
    stores = (workspace.objects, workspace.archive)
    rows = workspace.data.read(lambda records: records.cells.objects_of(list(bank.people.values())))
    return {
        row.object_id.hex(): sum(
            store.exists(row.object_id) and hash_of(store, row.object_id) == row.digest for store in stores
        )
        for row in rows
    }


def film_wish(bank: Lender, number: int) -> Wish:
    """Return the wish to see an applicant's video."""
    return bank.wish(bank.people[number], purpose="interview.video", items={VIDEO}, form="raw")


class Archiving(Case):
    """Three old videos of two people go to the archive, two at a time."""

    writes = (
        *("SqlDataStore.transact", "ObstoreObjects.put", "ObstoreObjects.remove"),
        *("ObstoreObjects.put", "ObstoreObjects.remove", "SqlDataStore.transact"),
        *("ObstoreObjects.put", "ObstoreObjects.remove", "SqlDataStore.transact"),
    )

    def prepare(self, folder: Path) -> Site:
        clock = Hands()
        bank = with_archive(folder, clock)
        bank.take([1, 2])
        films = [bank.film(bank.people[number], FRAMES) for number in (1, 1, 2)]
        wait(bank, clock, days=DAYS + 1)
        return Site.of(bank, films=" ".join(film.hex() for film in films))

    def act(self, bank: Lender) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(archiving, "_BATCH", 2)
            run_archive(bank.workspace, bank.tokens["operator"])

    def between(self, site: Site, bank: Lender) -> None:
        copies = whole_copies(bank)
        expect(set(copies) == set(site.notes["films"].split()), "a video has no row any more")
        expect(all(copies.values()), "a video is whole in no store")
        opens(bank, 1, 2)

    def after(self, site: Site, bank: Lender) -> None:
        self.between(site, bank)
        expect(set(whole_copies(bank).values()) == {1}, "a video is left in two stores")
        expect(not list(bank.workspace.objects.all_objects()), "an archived video is left in the hot store")
        first = ObjectId(bytes.fromhex(site.notes["films"].split()[0]))
        token = bank.tokens["credit_officer"]
        recall_object(bank.workspace, token, film_wish(bank, 1), first)
        _, parts = disclose_object(bank.workspace, token, film_wish(bank, 1), first)
        expect(b"".join(part.reveal() for part in parts) == FRAMES, "a recalled video is another")


class Recalling(Archiving):
    """One of them comes back."""

    writes = ("SqlDataStore.transact", "ObstoreObjects.put", "ObstoreObjects.remove", "SqlDataStore.transact")

    def prepare(self, folder: Path) -> Site:
        site = super().prepare(folder)
        bank = site.open()
        run_archive(bank.workspace, bank.tokens["operator"])
        return Site.of(bank, **site.notes)

    def act(self, bank: Lender) -> None:
        films = bank.workspace.data.read(lambda records: records.cells.objects_of([bank.people[2]]))
        recall_object(bank.workspace, bank.tokens["credit_officer"], film_wish(bank, 2), films[0].object_id)

    def resume(self, site: Site, bank: Lender) -> Lender:
        run_archive(bank.workspace, bank.tokens["operator"])
        self.act(bank)
        return bank

    def after(self, site: Site, bank: Lender) -> None:
        self.between(site, bank)
        expect(set(whole_copies(bank).values()) == {1}, "a video is left in two stores")
        expect(len(list(bank.workspace.objects.all_objects())) == 1, "the video did not come back")


class ErasingArchived(ErasingWhole):
    """A declined applicant with a video in the archive, and one on its way that stands in both stores."""

    writes = (
        *("SqlDataStore.transact", "JournalFile.append", "SqlKeyring.replace", "SqlIndex.remove"),
        *["ObstoreObjects.remove"] * 2,
        *("SqlDataStore.transact", "SqlDataStore.transact"),
    )

    def prepare(self, folder: Path) -> Site:
        clock = Hands()
        bank = with_archive(folder, clock)
        bank.take([1])
        bank.take([3, 4], customer=False, contact=True)
        bank.film(bank.people[3], FRAMES)
        wait(bank, clock, days=DAYS + 1)
        run_archive(bank.workspace, bank.tokens["operator"])
        bank.film(bank.people[3], FRAMES)
        wait(bank, clock, days=DAYS + 1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ObstoreObjects, "remove", refuse)
            with contextlib.suppress(StoreUnavailable):
                run_archive(bank.workspace, bank.tokens["operator"])
        expect(sorted(whole_copies(bank).values()) == [1, 2], "the case is not what it says")
        return Site.of(bank, cells=cells_of(bank, 3))

    def after(self, site: Site, bank: Lender) -> None:
        super().after(site, bank)
        assert bank.workspace.archive is not None
        expect(not list(bank.workspace.archive.all_objects()), "a video is left in the archive")


def refuse(*_given: Any) -> None:
    """Stand for a store that says no."""
    raise StoreUnavailable("the store cannot be used now")
