"""Cases: receiving requests of people, and answering them."""

from __future__ import annotations

from pathlib import Path

from shouxin.domain.identifiers import RightId
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.account_for import account_for
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.rights.access_package import make_package
from shouxin.operations.rights.answer import Said, fulfil
from shouxin.operations.rights.correcting import correct_for
from shouxin.operations.rights.handle import get_right, list_rights
from shouxin.rights.kinds import RightKind
from shouxin.rights.transitions import RightState
from tests.faults.interrupted import RIGHT, Case, Site, expect, opens
from tests.operations.portfolio import (
    JOB,
    MARK,
    Lender,
    values_of,
)
from tests.operations.rights.counter import counter, files, handled


class Receiving(Case):
    """A request of somebody known and a complaint of a stranger: sealed words, a row, its event, a mark."""

    writes = (
        *("SqlKeyring.add", "SqlKeyring.replace", "SqlIndex.add", "SqlDataStore.transact", "SqlKeyring.settle"),
        *("SqlKeyring.add", "SqlIndex.add", "SqlDataStore.transact", "SqlKeyring.settle"),
    )

    def prepare(self, folder: Path) -> Site:
        bank = counter(folder)
        bank.take([1, 2])
        return Site.of(bank)

    def act(self, bank: Lender) -> None:
        files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job", evidence=(MARK.encode(),))
        files(bank, RightKind.REPORT_LEAK, None, right=RightId(b"report of a leak"))

    def between(self, site: Site, bank: Lender) -> None:
        opens(bank, 1, 2)
        owed = list_rights(bank.workspace, bank.tokens["dpo"])
        about = [one for one in owed if one.request.subject == bank.people[1]]
        expect(len(owed) <= 2 and len(about) <= 1, "something was received twice")
        wish = bank.wish(bank.people[1], purpose="loan.file", items={JOB})
        marked = disclose(bank.workspace, bank.tokens["analyst"], wish).disputed
        expect(bool(marked) == bool(about), "a mark without its objection, or an objection without its mark")
        for one in owed:
            held = bank.workspace.data.read(lambda records, who=one.request.filer: records.cells.cells_of([who]))
            cells = {row.cell for row in held}
            expect({piece.cell for piece in one.request.evidence} <= cells, "a request without what was handed in")

    def after(self, site: Site, bank: Lender) -> None:
        self.between(site, bank)
        owed = list_rights(bank.workspace, bank.tokens["dpo"])
        expect({one.request.kind for one in owed} == {RightKind.OBJECT_CREDIT, RightKind.REPORT_LEAK}, "one is lost")


class Answering(Case):
    """A copy is made, then an objection is corrected and answered in writing."""

    writes = (
        *("SqlDataStore.transact", "FileShelf.put", "SqlDataStore.transact", "SqlDataStore.transact"),
        *("SqlKeyring.replace", "SqlDataStore.transact", "SqlIndex.remove", "JournalFile.append"),
        *("SqlKeyring.replace", "SqlKeyring.settle", "SqlKeyring.add", "SqlKeyring.replace", "SqlIndex.add"),
        *("SqlDataStore.transact", "SqlKeyring.settle"),
    )

    def prepare(self, folder: Path) -> Site:
        bank = counter(folder)
        bank.take([1, 2])
        copy = handled(bank, files(bank, RightKind.ACCESS, bank.people[1]))
        wrong = handled(bank, files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job"))
        return Site.of(bank, copy=copy.hex(), wrong=wrong.hex())

    def act(self, bank: Lender) -> None:
        desk = bank.tokens["rights_desk"]
        filed = {one.request.kind: one.right for one in list_rights(bank.workspace, desk, all_states=True)}
        copy, wrong = filed[RightKind.ACCESS], filed[RightKind.OBJECT_CREDIT]
        if get_right(bank.workspace, desk, copy).request.state.owed:
            make_package(bank.workspace, desk, copy)
            fulfil(bank.workspace, desk, copy, Said(done=("package",)))
        if get_right(bank.workspace, desk, wrong).request.state.owed:
            correct_for(bank.workspace, desk, wrong, {JOB: RIGHT}, Said(reply=Plaintext.of(f"{MARK}已更正")))

    def between(self, site: Site, bank: Lender) -> None:
        opens(bank, 2)
        desk = bank.tokens["rights_desk"]
        copy, wrong = (
            get_right(bank.workspace, desk, RightId(bytes.fromhex(site.notes[name]))).request
            for name in ("copy", "wrong")
        )
        leaves = {one.leaf for one in account_for(bank.workspace, desk, bank.people[1])}
        expect(set(copy.packages) <= leaves, "a package without its disclosure")
        expect(copy.answer is None or copy.packages, "a copy is called given that was never made")
        job = bank.raw(bank.people[1])[JOB]
        expect(job in {values_of(1)[JOB].text(), RIGHT.text()}, "a value that nobody said")
        expect(wrong.answer is None or job == RIGHT.text(), "a correction is called done that was not")
        wish = bank.wish(bank.people[1], purpose="loan.file", items={JOB})
        marked = bool(disclose(bank.workspace, bank.tokens["analyst"], wish).disputed)
        expect(marked == (wrong.answer is None), "the mark and the answer disagree")

    def after(self, site: Site, bank: Lender) -> None:
        self.between(site, bank)
        states = {one.request.state for one in list_rights(bank.workspace, bank.tokens["dpo"], all_states=True)}
        expect(states == {RightState.FULFILLED}, "an answer is missing")
