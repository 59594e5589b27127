"""A lender's portfolio as hypothesis draws it: people, their films and copies, the lender's own database, orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

from shouxin.approvals.order_transitions import OrderState
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import OperationId
from shouxin.errors import NotFound
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.objects.archive import run_archive
from shouxin.operations.retaining.holds import Demand, set_hold
from shouxin.operations.rights.access_package import SealedPackage, make_package
from shouxin.operations.rights.answer import Said, fulfil
from shouxin.operations.subjects import merge
from shouxin.rights.kinds import RightKind
from shouxin.vault.erasure import Erasure
from tests.operations.archives import DAYS, wait, with_archive
from tests.operations.deletion.house import House, house
from tests.operations.portfolio import (
    MARK,
    Lender,
)
from tests.operations.rights.counter import CARDS, files, handled
from tests.workspaces import adopt

FRAMES: Final = f"{MARK}影像".encode() * 30
EVERYBODY: Final = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Applicant:
    """What a lender has of somebody; ``merged`` is into the next one, ``copied`` that they were handed a copy."""

    customer: bool = False
    contact: bool = False
    filmed: bool = False
    archived: bool = False
    copied: bool = False
    held: bool = False
    merged: bool = False


PORTFOLIO: Final = st.tuples(
    st.lists(
        st.builds(Applicant, *(st.booleans() for _ in range(7))), min_size=len(EVERYBODY), max_size=len(EVERYBODY)
    ),
    st.sets(st.sampled_from(EVERYBODY), min_size=1, max_size=3),
)
# One of each whatever is drawn: somebody with films in both stores and a copy goes, and so does one of such a pair.
_BOTH: Final = Applicant(filmed=True, archived=True, copied=True, contact=True)
EACH: Final = ([_BOTH, Applicant(merged=True), _BOTH, Applicant(customer=True, copied=True), _BOTH], {1, 3, 4})

# Ordered twice: of the second record a hold keeps a film when the first order takes what its person was known by.
TWICE: Final = (
    [
        Applicant(contact=True, held=True),
        Applicant(customer=True, contact=True, merged=True),
        Applicant(contact=True, filmed=True),
        Applicant(customer=True),
        Applicant(),
    ],
    {1, 2, 3},
)


def ordered(home: House, wanted: set[int]) -> list[tuple[OperationId, Erasure]]:
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


def built(folder: Path, portfolio: list[Applicant]) -> tuple[House, dict[int, SealedPackage]]:
    """Return the lender with its people, and the copies that were handed out; what is old lies in the archive."""
    home = house(folder, with_archive)
    bank = home.bank
    for text in CARDS:
        adopt(bank.workspace, bank.tokens["dpo"], text)
    everybody = list(zip(EVERYBODY, portfolio, strict=True))
    for number, one in everybody:
        bank.take([number], customer=one.customer, contact=one.contact)
        if one.archived:
            _film(bank, number)
    wait(bank, home.clock, days=DAYS + 1)
    assert run_archive(bank.workspace, bank.tokens["operator"]).archived == sum(one.archived for one in portfolio)
    for number, one in everybody:
        if one.filmed:
            _film(bank, number)
        if one.held:
            demand = Demand("court", "rights.answer", bytes(32), date(2099, 1, 1), ())
            set_hold(bank.workspace, bank.tokens["dpo"], bank.people[number], demand)
    bank.masked(*bank.people.values())
    for (number, one), after in zip(everybody[:-1], portfolio[1:], strict=True):
        if one.merged and not after.merged:
            merge(bank.workspace, bank.tokens["dpo"], bank.people[number], bank.people[number + 1])
    return home, {number: _copy_for(bank, number) for number, one in everybody if one.copied}


def _film(bank: Lender, number: int) -> None:
    """Film an applicant, beside whoever stands before them."""
    others = tuple(bank.people[one] for one in EVERYBODY if one < number)
    bank.film(bank.people[number], FRAMES, depicts=(bank.people[number], *others[:1]))


def _copy_for(bank: Lender, number: int) -> SealedPackage:
    """Hand somebody a copy of everything, as they asked, and answer their request with it."""
    right = handled(bank, files(bank, RightKind.COPY, bank.people[number], wrote=""))
    made = make_package(bank.workspace, bank.tokens["rights_desk"], right)
    fulfil(bank.workspace, bank.tokens["rights_desk"], right, Said())
    return made
