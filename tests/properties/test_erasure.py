"""Any portfolio, anybody erased, the epoch left: nothing reveals them, and everybody else's data still opens."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shouxin.approvals.order_transitions import OrderState
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import OperationId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import NotFound, OperatorError, ShouxinError
from shouxin.operations.account_for import account_for
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.advance import advance
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.certifying.certify import certificate, certificate_bytes
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.look_up import look_up
from shouxin.operations.recovery.backup import back_up
from shouxin.operations.retaining.holds import Demand, set_hold
from shouxin.operations.retaining.judging import Judge
from shouxin.operations.subjects import merge
from shouxin.operations.workspace import Workspace
from shouxin.vault.cell import open_cell
from shouxin.vault.erasure import Erasure, ErasureState, Outcome
from shouxin.vault.object import open_object
from shouxin.vault.records import CellRow, ObjectRow, Records
from tests.operations.deletion.house import House, house
from tests.operations.portfolio import ID_NUMBER, MARK, MOBILE, PLAN, WHO, Lender, contact_of, record, values_of
from tests.workspaces import close

FRAMES: Final = f"{MARK}影像".encode() * 30
EVERYBODY: Final = (1, 2, 3, 4, 5)

# For each applicant: a customer, names a contact, was filmed, is held, is merged into the next one.
APPLICANT: Final = st.tuples(*(st.booleans() for _ in range(5)))
PORTFOLIO: Final = st.tuples(
    st.lists(APPLICANT, min_size=len(EVERYBODY), max_size=len(EVERYBODY)),
    st.sets(st.sampled_from(EVERYBODY), min_size=1, max_size=3),
)


def _ordered(home: House, wanted: set[int]) -> list[tuple[OperationId, Erasure]]:
    """Erase people by orders, one after the other; whoever was merged into one of them went with them."""
    done: list[tuple[OperationId, Erasure]] = []
    workspace = home.bank.workspace
    for number in sorted(wanted):
        try:
            order_id = home.cooled(home.wanted(home.bank.people[number]))
        except NotFound:
            continue
        assert home.executed(order_id).state is OrderState.DONE
        for operation in progress_of(workspace, home.bank.tokens["dpo"], order_id).operations:
            row = workspace.data.read(
                lambda records, operation=operation: records.authority.get(AuthorityKind.ERASURE, operation)  # type: ignore[misc]
            )
            assert row is not None
            done.append((operation, workspace.notary.read(row, Erasure)))
    return done


def _built(folder: Path, portfolio: list[tuple[bool, ...]]) -> House:
    home = house(folder)
    bank = home.bank
    for number, (customer, contact, filmed, held, _) in zip(EVERYBODY, portfolio, strict=True):
        bank.take([number], customer=customer, contact=contact)
        who = bank.people[number]
        if filmed:
            others = tuple(bank.people[one] for one in EVERYBODY if one < number)
            bank.film(who, FRAMES, depicts=(who, *others[:1]))
        if held:
            demand = Demand("court", "rights.answer", bytes(32), date(2099, 1, 1), ())
            set_hold(bank.workspace, bank.tokens["dpo"], who, demand)
    bank.masked(*bank.people.values())
    for number, (*_, merged) in zip(EVERYBODY[:-1], portfolio[:-1], strict=True):
        if merged and not portfolio[number][-1]:
            merge(bank.workspace, bank.tokens["dpo"], bank.people[number], bank.people[number + 1])
    return home


def _held(workspace: Workspace, subject: SubjectId) -> bool:
    """Say whether a hold stands on any record of a person."""

    def work(records: Records) -> bool:
        engine = current_engine(workspace, records, "", workspace.now(records))
        return bool(Judge(workspace, records, engine, local_date(workspace.clock.now())).holds_now(subject))

    return workspace.data.read(work)


def _taken_again(bank: Lender, numbers: list[int]) -> int:
    """Collect people once more; return how many were taken in."""
    lines = [record(line, number) for line, number in enumerate(numbers, 1)]
    place = source_digest("core", b"tonight")
    return collect(bank.workspace, bank.tokens["collector"], PLAN, lines, place=place).taken


def _searched(bank: Lender, words: list[bytes]) -> list[str]:
    """Return the files below the workspace in which any of ``words`` stands."""
    files = [path for path in bank.home.rglob("*") if path.is_file()]
    return [str(path.relative_to(bank.home)) for path in files if any(one in path.read_bytes() for one in words)]


def _opens(bank: Lender, row: CellRow | ObjectRow, sealed: bytes) -> bool:
    """Say whether any key of today's keyring opens what was kept in ``row`` (``sealed`` is what an old copy has)."""
    workspace = bank.workspace
    custody, institution = workspace.custody, workspace.institution.institution_id
    chains = [custody.open(chain) for chain in custody.keyring.all_chains()]
    for chain in chains:
        for link in chain.links:
            for named in (None, *chains):
                try:
                    key = chain.key(link.identifier) if named is None else chain.edge_key(link.identifier, named)
                    if isinstance(row, ObjectRow):
                        next(open_object(custody.suite, key, row.binding(institution), iter([sealed])))
                    else:
                        open_cell(custody.suite, key, row.binding(institution), sealed)
                except ShouxinError:
                    continue
                except ValueError:  # a key that is wrapped once only has another length
                    continue
                return True
    return False


def _says(number: int) -> list[bytes]:
    values = values_of(number)
    return [values[item].text().encode() for item in (*WHO, ItemCode("account.card_number"))]


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(PORTFOLIO)
def test_after_sealing_nothing_reveals_the_person_and_everybody_else_opens(
    case: tuple[list[tuple[bool, ...]], set[int]],
) -> None:
    """No operation, export, log, byte search or old backup with today's keys; and nobody else is touched."""
    portfolio, wanted = case
    with tempfile.TemporaryDirectory(prefix="shouxin-erasure-") as name:
        folder = Path(name)
        home = _built(folder, portfolio)
        bank, core = home.bank, home.with_core(folder, "work")
        workspace, dpo, desk = bank.workspace, bank.tokens["dpo"], bank.tokens["rights_desk"]
        everybody = list(workspace.custody.keyring.all_subjects())
        rows = {row.cell: row for row in workspace.data.read(lambda records: records.cells.cells_of(everybody))}
        held = {row.object_id: row for row in workspace.data.read(lambda records: records.cells.objects_of(everybody))}
        blobs = {one: b"".join(workspace.objects.get(one)) for one in held}
        back_up(workspace, bank.tokens["operator"], folder / "backup")
        shutil.copytree(bank.home / "keyring", folder / "old-keyring")
        done = _ordered(home, wanted)
        advance(workspace, bank.tokens["operator"])
        publish(workspace, bank.tokens["operator"])

        gone: set[bytes] = set()
        whole = set()
        for operation, erasure in done:
            document = certificate(workspace, dpo, operation)
            assert document["sealed"] is not None
            erased = {part.identifier for part in erasure.having(Outcome.ERASED)}
            gone |= erased
            if not [part for part in erasure.having(Outcome.RETAINED) if part.kind != "depiction"]:
                whole.add(erasure.subject)
            said = certificate_bytes(document)
            assert not any(word in said for number in EVERYBODY for word in _says(number))
            assert erasure.state is ErasureState.LIVE  # as returned; the epoch has sealed it since

        # no operation
        for number, subject in bank.people.items():
            if subject in whole:
                assert bank.is_gone(subject)
                assert look_up(workspace, desk, "rights.answer", ID_NUMBER, values_of(number)[ID_NUMBER]) == []
                assert bank.find(number, MOBILE) == []
        # no row of theirs in the lender's own database, and every other one as it was
        gone_there = {number for number, who in bank.people.items() if any(e.subject == who for _, e in done)}
        held_there = {number for number in gone_there if _held(workspace, bank.people[number])}
        stays_there = {*EVERYBODY} - (gone_there - held_there)
        assert core.left() == {"customer": stays_there, "work": stays_there}
        assert core.frozen() == held_there
        # tonight's file brings nobody back
        assert _taken_again(bank, sorted(number for number, who in bank.people.items() if who in whole)) == 0
        # no byte of what was erased, in any file; what stays is found by the same search
        assert not _searched(bank, [rows[one].sealed[-40:] for one in gone & rows.keys()] or [b"\xff" * 99])
        assert not _searched(bank, [blobs[one][-40:] for one in gone & blobs.keys()] or [b"\xff" * 99])
        stays = [row.sealed[-40:] for cell, row in rows.items() if cell not in gone]
        assert not stays or _searched(bank, stays) == ["data/data.db"]
        assert not _searched(bank, [word for number in EVERYBODY for word in _says(number)])
        # no old copy with today's keys, and everybody else's with them
        for identifier, row in {**rows, **held}.items():
            sealed = row.sealed if isinstance(row, CellRow) else blobs[row.object_id]
            assert _opens(bank, row, sealed) is (identifier not in gone)
        assert verify_ledger(workspace).flaws == []
        for number, subject in bank.people.items():
            if all(erasure.subject != subject for _, erasure in done):
                wish = bank.wish(subject, purpose="rights.answer", items=WHO)
                seen = disclose(workspace, desk, wish).values[subject]
                assert set(seen) == WHO, number
            assert account_for(workspace, dpo, subject)
        for number, (_, contact, *_) in zip(EVERYBODY, portfolio, strict=True):
            assert len(bank.find_contact(number)) == contact, contact_of(number)[0]
        # no old keyring beside today's data
        close(workspace)
        shutil.rmtree(bank.home / "keyring")
        shutil.copytree(folder / "old-keyring", bank.home / "keyring")
        try:
            again = bank.reopened()
        except (OperatorError, NotFound):
            return
        raise AssertionError(f"a keyring from before the sealing opens: {again.home}")
