"""Cases: advancing the epoch, restoring a backup, reconciling after it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from shouxin.actors.account import Token
from shouxin.bootstrap import restore_workspace
from shouxin.errors import OperatorError, ShouxinError
from shouxin.operations.advance import advance, key_status
from shouxin.operations.auditing.publish import publish
from shouxin.operations.correct import correct
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.recovery.backup import back_up, reconcile
from tests.faults.interrupted import FRAMES, RIGHT, Case, Site, cells_of, expect, gone, opens
from tests.faults.interrupted_erasing import certified
from tests.faults.interrupted_records import Keeping
from tests.operations.portfolio import (
    CARD_NUMBER,
    ID_NUMBER,
    JOB,
    MOBILE,
    NAME,
    Lender,
    lender,
)
from tests.workspaces import close


class Advancing(Case):
    """An epoch with somebody erased in it, kept people, a video and edges."""

    writes = (
        *("SqlDataStore.transact", "FileShelf.put", "KeyFile.create", "SqlKeyring.add_epoch", "SqlKeyring.rewrap"),
        *("SqlKeyring.set_step", "SqlIndex.build", "SqlKeyring.set_step", "SqlKeyring.copy_to", "backups.rmtree"),
        *("SqlKeyring.set_step", "KeyFile.destroy", "SqlKeyring.remove_epoch", "SqlKeyring.set_step"),
        *("SqlIndex.drop_generation", "SqlKeyring.compact", "SqlDataStore.empty_log", "SqlKeyring.set_step"),
        *("SqlDataStore.transact", "FileShelf.put", "SqlKeyring.set_step"),
    )

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2], contact=True)
        bank.take([3], customer=False)
        bank.film(bank.people[1], FRAMES)
        cells = cells_of(bank, 3)
        erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
        site = Site.of(bank, cells=cells)
        shutil.copytree(bank.home / "keyring", bank.home.parent / "old-keyring")
        return site

    def act(self, bank: Lender) -> None:
        advance(bank.workspace, bank.tokens["operator"])

    def between(self, site: Site, bank: Lender) -> None:
        opens(bank, 1, 2)
        gone(bank, 3, site.notes["cells"])

    def after(self, site: Site, bank: Lender) -> None:
        status = key_status(bank.workspace, bank.tokens["operator"])
        expect(len(status) == 1 and status[0][1] == "settled", f"the epoch is {status}")
        opens(bank, 1, 2)
        expect(len(bank.find_contact(1)) == 1, "a contact is lost")
        gone(bank, 3, site.notes["cells"])
        certified(bank, bank.people[3], "erased")
        expect(Keeping().films(bank) == [FRAMES], "the video does not open")
        expect(len(bank.workspace.index.generations()) == 1, "an old generation of the index is left")
        close(bank.workspace)
        shutil.rmtree(bank.home / "keyring")
        shutil.copytree(bank.home.parent / "old-keyring", bank.home / "keyring")
        try:
            site.open()
        except OperatorError:
            return
        raise AssertionError("a keyring from before the advance opens")


# What a restore writes once everything is put back.
RECONCILING: Final = (
    *("SqlIndex.remove", "SqlKeyring.replace", "SqlKeyring.replace", "SqlIndex.add"),
    *("SqlDataStore.finish_restore", "SqlDataStore.transact", "SqlIndex.remove", "FileShelf.put"),
    *("JournalFile.append", "SqlKeyring.replace", "SqlKeyring.settle", "SqlKeyring.replace", "SqlDataStore.compact"),
)


class Restoring(Case):
    """A backup from before an erasure, a correction and a new applicant, put back and reconciled."""

    writes = (
        *("backups.rmtree", "backups.copytree", "SqlKeyring.add_services"),
        *("SqlIndex.remove", "SqlKeyring.replace", "SqlDataStore.replay"),
        *RECONCILING,
    )

    def prepare(self, folder: Path) -> Site:
        bank = lender(folder)
        bank.take([1, 2])
        bank.take([3], customer=False)
        bank.film(bank.people[2], FRAMES)
        cells, before = cells_of(bank, 3), cells_of(bank, 1).split()
        back_up(bank.workspace, bank.tokens["operator"], bank.home.parent / "backup")
        erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
        correct(bank.workspace, bank.tokens["dpo"], bank.people[1], {MOBILE: RIGHT})
        (wrong,) = set(before) - set(cells_of(bank, 1).split())
        publish(bank.workspace, bank.tokens["operator"])
        return Site.of(bank, cells=cells, wrong=wrong)

    def run(self, site: Site) -> Lender:
        workspace, _ = restore_workspace(Path(site.home), site.backup)
        bank = Lender(workspace, {role: Token(token) for role, token in site.tokens.items()}, Path(site.home))
        reconcile(workspace, bank.tokens["operator"])
        return bank

    def between(self, site: Site, bank: Lender) -> None:
        try:
            expect(not bank.masked(bank.people[3]).get(bank.people[3]), "somebody erased is back")
        except ShouxinError:
            return

    def resume(self, site: Site, bank: Lender) -> Lender:
        try:
            reconcile(bank.workspace, bank.tokens["operator"])
        except ShouxinError:
            close(bank.workspace)
            return self.run(site)
        return bank

    def after(self, site: Site, bank: Lender) -> None:
        gone(bank, 3, site.notes["cells"])
        opens(bank, 2)
        expect(bank.find(1, MOBILE) == [], "a wrong value finds somebody again")
        expect(bank.find(1) == [bank.people[1]], "who was corrected is not found by the rest")
        wish = bank.wish(bank.people[1], purpose="rights.answer", items={NAME, ID_NUMBER, MOBILE, CARD_NUMBER, JOB})
        seen = disclose(bank.workspace, bank.tokens["rights_desk"], wish).values[bank.people[1]]
        untouched = bank.look_up(MOBILE, RIGHT) == [bank.people[1]]  # stopped before anything was replaced
        beside = {NAME, ID_NUMBER, CARD_NUMBER, JOB} | ({MOBILE} if untouched else set())
        expect(set(seen) == beside, "what stood beside a wrong value is lost")
        opened = bank.workspace.custody.open(bank.workspace.custody.keyring.get([bank.people[1]])[bank.people[1]])
        expect(not opened.holds(bytes.fromhex(site.notes["wrong"])), "the key of a wrong value is left")


class Reconciling(Restoring):
    """The same, put back already: only what follows is interrupted, and only that is taken up again."""

    writes = RECONCILING

    def prepare(self, folder: Path) -> Site:
        site = super().prepare(folder)
        close(restore_workspace(Path(site.home), site.backup)[0])
        return site

    def run(self, site: Site) -> Lender:
        bank = site.open()
        reconcile(bank.workspace, bank.tokens["operator"])
        return bank
