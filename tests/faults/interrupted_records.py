"""Cases: collecting, keeping an object, disclosing, correcting."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.domain.plaintext import Plaintext
from shouxin.operations.account_for import account_for
from shouxin.operations.collecting import collect as collecting
from shouxin.operations.collecting.collect import collect
from shouxin.operations.correct import correct
from shouxin.operations.objects.keep import keep_object
from shouxin.operations.opening.disclose_object import disclose_object
from tests.faults.interrupted import FRAMES, PLACE, RIGHT, Case, Site, cells_of, expect, opens
from tests.operations.portfolio import (
    JOB,
    MOBILE,
    PLAN,
    VIDEO,
    Lender,
    lender,
    record,
    values_of,
)


class Collecting(Case):
    """Two batches: somebody known who comes again, and new people, each naming a contact."""

    writes = (
        *("SqlKeyring.add", "SqlKeyring.replace", "SqlIndex.add", "SqlDataStore.transact", "SqlKeyring.settle"),
        *("SqlKeyring.add", "SqlIndex.add", "SqlDataStore.transact", "SqlKeyring.settle"),
    )

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2])
        return Site.of(bank)

    def act(self, bank: Lender) -> None:
        records = [record(line, number, contact=True) for line, number in enumerate((2, 3, 4, 5), 1)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(collecting, "_BATCH", 2)
            collect(bank.workspace, bank.tokens["collector"], PLAN, records, place=PLACE)

    def between(self, site: Site, bank: Lender) -> None:
        opens(bank, 1, 2)
        there = {number: bank.find(number) for number in (3, 4, 5)}
        expect(all(len(found) <= 1 for found in there.values()), "somebody is there twice")
        expect(len(there[4]) == len(there[5]), "a batch went in by half")
        for number, found in there.items():
            expect(len(bank.find_contact(number)) == len(found), "a person without their contact")
            expect(not found or bank.raw(found[0])[JOB] == values_of(number)[JOB].text(), "a person who does not open")

    def after(self, site: Site, bank: Lender) -> None:
        for number in (3, 4, 5):
            (bank.people[number],) = bank.find(number)
        for number in (2, 3, 4, 5):
            expect(len(bank.find_contact(number)) == 1, "a contact is missing or there twice")
        opens(bank, 1, 2, 3, 4, 5)
        expect(len(list(bank.workspace.custody.keyring.all_subjects())) == 9, "a chain too many or too few")


class Keeping(Case):
    """A video of a customer who consented to it."""

    writes = ("SqlKeyring.replace", "ObstoreObjects.put", "SqlDataStore.transact", "SqlKeyring.settle")

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2])
        return Site.of(bank, film=bank.film(bank.people[1], FRAMES).hex())

    def act(self, bank: Lender) -> None:
        who = bank.people[1]
        keep_object(bank.workspace, bank.tokens["collector"], who, "interview.video", VIDEO, [FRAMES, b"more"])

    def films(self, bank: Lender) -> list[bytes]:
        """Return every video that is on record, opened."""
        who = bank.people[1]
        rows = bank.workspace.data.read(lambda records: records.cells.objects_of([who]))
        wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form="raw")
        found = []
        for row in rows:
            _, parts = disclose_object(bank.workspace, bank.tokens["credit_officer"], wish, row.object_id)
            found.append(b"".join(part.reveal() for part in parts))
        return sorted(found)

    def between(self, site: Site, bank: Lender) -> None:
        expect(self.films(bank) in ([FRAMES], [FRAMES, FRAMES + b"more"]), "a video is lost or does not open")

    def after(self, site: Site, bank: Lender) -> None:
        films = self.films(bank)
        expect(films[0] == FRAMES and set(films[1:]) == {FRAMES + b"more"}, "a video is lost or does not open")
        opens(bank, 1, 2)


class Disclosing(Case):
    """Two people masked, then one raw."""

    writes = ("SqlDataStore.transact_then", "SqlDataStore.transact_then", "FileShelf.put")

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2])
        seen = len(account_for(bank.workspace, bank.tokens["dpo"], bank.people[1]))
        return Site.of(bank, seen=str(seen))

    def act(self, bank: Lender) -> None:
        bank.masked(bank.people[1], bank.people[2])
        bank.raw(bank.people[1])

    def between(self, site: Site, bank: Lender) -> None:
        openings = account_for(bank.workspace, bank.tokens["dpo"], bank.people[1])
        expect(0 <= len(openings) - int(site.notes["seen"]) <= 2, "openings are lost or invented")

    def after(self, site: Site, bank: Lender) -> None:
        openings = account_for(bank.workspace, bank.tokens["dpo"], bank.people[1])
        expect(2 <= len(openings) - int(site.notes["seen"]) <= 4, "an opening is not accounted for")
        opens(bank, 1, 2)


class Correcting(Case):
    """A wrong mobile and job, in two cells, one of them indexed."""

    writes = (
        *("SqlKeyring.replace", "SqlIndex.add", "SqlDataStore.transact"),
        *("SqlIndex.remove", "JournalFile.append", "SqlKeyring.replace", "SqlKeyring.settle"),
    )

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2])
        return Site.of(bank, cells=cells_of(bank, 1))

    def act(self, bank: Lender) -> None:
        correct(bank.workspace, bank.tokens["dpo"], bank.people[1], {MOBILE: RIGHT, JOB: Plaintext.of("teacher")})

    def between(self, site: Site, bank: Lender) -> None:
        who = bank.people[1]
        corrected = bank.raw(who)[JOB] == "teacher"
        expect((bank.look_up(MOBILE, RIGHT) == [who]) == corrected, "the new mobile finds them, or not, too early")
        expect((bank.find(1, MOBILE) == [who]) != corrected, "the old mobile finds them, or not, too late")
        opens(bank, 1, job="teacher" if corrected else None)
        opens(bank, 2)

    def after(self, site: Site, bank: Lender) -> None:
        who = bank.people[1]
        opens(bank, 1, job="teacher")
        opens(bank, 2)
        expect(bank.look_up(MOBILE, RIGHT) == [who], "the right value does not find them")
        expect(bank.find(1, MOBILE) == [], "the wrong value finds them")
        opened = bank.workspace.custody.open(bank.workspace.custody.keyring.get([who])[who])
        now = set(cells_of(bank, 1).split())
        old = [bytes.fromhex(cell) for cell in site.notes["cells"].split() if cell not in now]
        expect(len(old) == 2 and not any(map(opened.holds, old)), "the key of a wrong value is left")
