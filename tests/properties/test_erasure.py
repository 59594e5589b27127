"""Any portfolio, anybody erased, the epoch left: nothing reveals them, and everybody else's data still opens."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain as all_of
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, Phase, example, given, settings

from shouxin.bootstrap import restore_workspace
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import ObjectId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import NotFound, OperatorError, RootKeyUnavailable, ShouxinError
from shouxin.operations.account_for import account_for
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.advance import advance
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.certifying.certify import certificate, certificate_bytes
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.look_up import look_up
from shouxin.operations.recovery.backup import back_up, reconcile
from shouxin.operations.retaining.judging import Judge
from shouxin.operations.rights.access_package import SealedPackage, open_package
from shouxin.operations.tiers import holder_of
from shouxin.operations.workspace import Workspace
from shouxin.rights.sealed_page import CONTEXT, box_in
from shouxin.vault.cell import open_cell
from shouxin.vault.erasure import ErasureState, Outcome
from shouxin.vault.object import open_object
from shouxin.vault.records import CellRow, ObjectRow, Records
from tests.operations.portfolio import (
    ID_NUMBER,
    MOBILE,
    PLAN,
    WHO,
    Lender,
    contact_of,
    record,
    values_of,
)
from tests.properties.portfolios import EACH, EVERYBODY, PORTFOLIO, TWICE, Applicant, built, ordered
from tests.workspaces import close


@contextmanager
def _put_back(bank: Lender, backup: Path, place: Path) -> Iterator[Lender]:
    """Restore an old backup beside today's keys, journal and published log, in a place of its own."""
    home = place / bank.home.name
    shutil.copytree(bank.home, home)
    shutil.copytree(_archive(bank), place / _archive(bank).name)
    workspace, _ = restore_workspace(home, backup, clock=bank.workspace.clock)
    try:
        reconcile(workspace, bank.tokens["operator"])
        yield Lender(workspace, bank.tokens, home, dict(bank.people))
    finally:
        close(workspace)


def _archive(bank: Lender) -> Path:
    return bank.home.parent / "archive"


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
    """Return the files of the workspace and of its archive in which any of ``words`` stands."""
    found = [path for path in all_of(bank.home.rglob("*"), _archive(bank).rglob("*")) if path.is_file()]
    return [str(path.relative_to(bank.home.parent)) for path in found if any(one in path.read_bytes() for one in words)]


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


def _opens_but(
    bank: Lender, rows: Mapping[bytes, CellRow | ObjectRow], blobs: Mapping[ObjectId, bytes], gone: set[bytes]
) -> None:
    """Hold that today's keys open each of ``rows``, as an old copy has it, but those that are gone."""
    for identifier, row in rows.items():
        sealed = row.sealed if isinstance(row, CellRow) else blobs[row.object_id]
        assert _opens(bank, row, sealed) is (identifier not in gone)


def _is_theirs_alone(bank: Lender, number: int, package: SealedPackage) -> bool:
    """Say whether a copy opens for whoever was told its passphrase, and neither it nor that is kept anywhere here."""
    theirs = open_package(package.file, package.passphrase).page
    kept = [package.passphrase.encode(), _box_bytes(package)[-40:], package.file.encode()[-200:]]
    mine = values_of(number)[ID_NUMBER].text() in theirs
    return mine and not _opens_box(bank, package) and not _searched(bank, kept)


def _opens_box(bank: Lender, package: SealedPackage) -> bool:
    """Say whether any key that the lender has today opens a copy that was handed out, without its passphrase."""
    custody, box = bank.workspace.custody, box_in(package.file)
    nonce, sealed = box["nonce"], box["sealed"]
    assert isinstance(nonce, bytes)
    assert isinstance(sealed, bytes)
    keys = [custody.service(name) for name in ("index.prf", "authority.mac")]
    for chain in map(custody.open, custody.keyring.all_chains()):
        keys += [chain.key(link.identifier) for link in chain.links]
    for key in keys:
        try:
            AESGCM(key[:32]).decrypt(nonce, sealed, CONTEXT)
        except (InvalidTag, ValueError):
            continue
        return True
    return False


def _box_bytes(package: SealedPackage) -> bytes:
    """Return the sealed bytes of a copy."""
    sealed = box_in(package.file)["sealed"]
    assert isinstance(sealed, bytes)
    return sealed


def _says(number: int) -> list[bytes]:
    values = values_of(number)
    return [values[item].text().encode() for item in (*WHO, ItemCode("account.card_number"))]


def _nothing_reveals(case: tuple[list[Applicant], set[int]]) -> None:
    """Build a portfolio, erase some of it by order, seal, and look for them everywhere."""
    portfolio, wanted = case
    with tempfile.TemporaryDirectory(prefix="shouxin-erasure-") as name:
        folder = Path(name)
        home, copies = built(folder, portfolio)
        bank, core = home.bank, home.with_core(folder, "work")
        workspace, dpo, desk = bank.workspace, bank.tokens["dpo"], bank.tokens["rights_desk"]
        everybody = list(workspace.custody.keyring.all_subjects())
        rows = {row.cell: row for row in workspace.data.read(lambda records: records.cells.cells_of(everybody))}
        held = {row.object_id: row for row in workspace.data.read(lambda records: records.cells.objects_of(everybody))}
        blobs = {one: b"".join(holder_of(workspace, one).get(one)) for one in held}
        back_up(workspace, bank.tokens["operator"], folder / "backup")
        shutil.copytree(bank.home / "keyring", folder / "old-keyring")
        done = ordered(home, wanted)
        publish(workspace, bank.tokens["operator"])
        gone = {part.identifier for _, erasure in done for part in erasure.having(Outcome.ERASED)}
        whole = {
            erasure.subject
            for _, erasure in done
            if not [part for part in erasure.having(Outcome.RETAINED) if part.kind != "depiction"]
        }
        numbers = sorted(number for number, who in bank.people.items() if who in whole)
        # the old backup, restored on the same day: it opens, and of whom was erased it brings nothing back
        with _put_back(bank, folder / "backup", folder / "same-day") as again:
            _opens_but(again, {**rows, **held}, blobs, gone)
            assert all(again.is_gone(one) for one in whole)
            assert not any(again.find(number) for number in numbers)
            assert _taken_again(again, numbers) == 0

        advance(workspace, bank.tokens["operator"])
        publish(workspace, bank.tokens["operator"])
        for operation, erasure in done:
            document = certificate(workspace, dpo, operation)
            assert document["sealed"] is not None
            said = certificate_bytes(document)
            assert not any(word in said for number in EVERYBODY for word in _says(number))
            assert erasure.state is ErasureState.LIVE  # as returned; the epoch has sealed it since
            opened = {one["leaf"] for one in document["openings"]}
            theirs = {number for number in copies if bank.people[number] == erasure.subject}
            assert opened >= {copies[number].leaf for number in theirs}

        # no operation
        for number, subject in bank.people.items():
            if subject in whole:
                assert bank.is_gone(subject)
                assert look_up(workspace, desk, "rights.answer", ID_NUMBER, values_of(number)[ID_NUMBER]) == []
                assert bank.find(number, MOBILE) == []
        # no copy that was handed out: neither it nor its passphrase is kept, and no key of ours opens it
        assert not [number for number, package in copies.items() if not _is_theirs_alone(bank, number, package)]
        # no row of theirs in the lender's own database, and every other one as it was
        gone_there = {number for number, who in bank.people.items() if any(e.subject == who for _, e in done)}
        held_there = {number for number in gone_there if _held(workspace, bank.people[number])}
        stays_there = {*EVERYBODY} - (gone_there - held_there)
        assert core.left() == {"customer": stays_there, "work": stays_there}
        assert core.frozen() == held_there
        # tonight's file brings nobody back
        assert _taken_again(bank, numbers) == 0
        # no byte of what was erased, in any file of either store; what stays is found by the same search
        assert not _searched(bank, [rows[one].sealed[-40:] for one in gone & rows.keys()] or [b"\xff" * 99])
        assert not _searched(bank, [blobs[one][-40:] for one in gone & blobs.keys()] or [b"\xff" * 99])
        stays = [row.sealed[-40:] for cell, row in rows.items() if cell not in gone]
        assert not stays or _searched(bank, stays) == ["workspace/data/data.db"]
        assert len(_searched(bank, [blobs[one][-40:] for one in blobs.keys() - gone])) == len(blobs.keys() - gone)
        assert not _searched(bank, [word for number in EVERYBODY for word in _says(number)])
        # no old copy with today's keys, and everybody else's with them
        _opens_but(bank, {**rows, **held}, blobs, gone)
        assert verify_ledger(workspace).flaws == []
        for number, subject in bank.people.items():
            if all(erasure.subject != subject for _, erasure in done):
                wish = bank.wish(subject, purpose="rights.answer", items=WHO)
                seen = disclose(workspace, desk, wish).values[subject]
                assert set(seen) == WHO, number
            assert account_for(workspace, dpo, subject)
        for number, one in zip(EVERYBODY, portfolio, strict=True):
            assert len(bank.find_contact(number)) == one.contact, contact_of(number)[0]
        # no old backup any more, and no old keyring beside today's data
        publish(workspace, bank.tokens["operator"])
        with pytest.raises(RootKeyUnavailable), _put_back(bank, folder / "backup", folder / "later"):
            pass
        close(workspace)
        shutil.rmtree(bank.home / "keyring")
        shutil.copytree(folder / "old-keyring", bank.home / "keyring")
        try:
            again = bank.reopened()
        except (OperatorError, NotFound):
            return
        raise AssertionError(f"a keyring from before the sealing opens: {again.home}")


def _drawn(many: int) -> settings:
    """Return how a portfolio is drawn so many times: not shrunk, which would take an hour."""
    return settings(
        max_examples=many,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )


@_drawn(3)
@example(TWICE)
@example(EACH)
@given(PORTFOLIO)
def test_after_sealing_nothing_reveals_the_person_and_everybody_else_opens(
    case: tuple[list[Applicant], set[int]],
) -> None:
    """No operation, export, log, byte search or old backup with today's keys; and nobody else is touched."""
    _nothing_reveals(case)


@pytest.mark.long
@_drawn(40)
@given(PORTFOLIO)
def test_after_sealing_nothing_reveals_the_person_in_forty_portfolios(case: tuple[list[Applicant], set[int]]) -> None:
    """The same over as many portfolios as a night has room for."""
    _nothing_reveals(case)
