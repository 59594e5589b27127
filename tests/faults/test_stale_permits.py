"""A consent that is withdrawn in one process carries nothing in another: not one decision is staler than its record."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from shouxin.bootstrap import open_workspace
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import SubjectId
from shouxin.ledger.entry import decode
from shouxin.operations.consenting.choose import Choice, consents_for, give_consent
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.vault.records import Records
from tests.workspaces import CARD, adopt, close, collected, home_of, ready, signed_in

PURPOSE: Final = "marketing.offer"
OFFER: Final = (
    CARD.replace('"credit.review"', f'"{PURPOSE}"').replace('"contract"', '"consent"').replace("13(1)(2)", "13(1)(1)")
)

PEOPLE: Final = 40  # enough that nobody gathers thousands of questions, which every decision would read
READS_A_WITHDRAWAL: Final = 50  # at most; on two cores there are about five

# What the other process does: read whom it likes as fast as it can, whatever it is told.
READER: Final = """
import random, sys
from pathlib import Path
from shouxin.bootstrap import open_workspace
from shouxin.errors import Refused, NotFound
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
from shouxin.storage.glance import Glance
stands, looks = Glance.stands, []
def counted(glance, writer):
    looks.append(stands(glance, writer))
    return looks[-1]
Glance.stands = counted
home, token, purpose, item, count, *people = sys.argv[1:]
workspace, chance = open_workspace(Path(home)), random.Random(1)
permitted = refused = 0
while permitted + refused < int(count):
    try:
        disclose(workspace, token, Wish(purpose, frozenset({item}), (bytes.fromhex(chance.choice(people)),), "masked"))
        permitted += 1
    except (Refused, NotFound):
        refused += 1
print(permitted, refused, looks.count(True), looks.count(False))
"""


def stale(home: Path, people: list[SubjectId]) -> tuple[int, int]:
    """Return how many disclosures there were, and how many of them at a place in the log where no consent stood."""
    workspace = open_workspace(home)

    def look(records: Records) -> tuple[int, int]:
        made = wrong = 0
        for who in people:
            stood = [one for one in consents_for(workspace, records, who) if one.purpose == PURPOSE]
            changes = sorted((leaf, place == 1) for one in stood for place, leaf in enumerate(one.leaves) if place)
            for leaf in records.cells.openings_of(who):
                event = decode(records.ledger.entry(leaf))
                if event.kind is not EventKind.DISCLOSURE_MADE or event.facts["purpose"] != PURPOSE:
                    continue
                before = [stands for at, stands in changes if at < leaf]
                made, wrong = made + 1, wrong + (not before or not before[-1])
        return made, wrong

    found = workspace.data.read(look)
    close(workspace)
    return found


def interleaved(tmp_path: Path, count: int) -> None:
    """Withdraw and give again in this process while another reads ``count`` times; look at every entry afterwards."""
    workspace = ready(tmp_path)
    people = collected(workspace, range(PEOPLE))
    adopt(workspace, signed_in(workspace, "dpo"), OFFER)
    desk, analyst = signed_in(workspace, "rights_desk"), signed_in(workspace, "analyst")
    choice = Choice(PURPOSE, "zh", agreed=True, by_person=True)
    words = [str(home_of(tmp_path)), analyst, PURPOSE, "identity.name", str(count), *(who.hex() for who in people)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", READER, *words]
    for who in people[::2]:
        give_consent(workspace, desk, who, choice)
    turns = withdrawn = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as reader:
        while reader.poll() is None:
            who = people[turns % PEOPLE]
            if turns // PEOPLE % 2 == turns % 2:
                withdraw_consent(workspace, desk, who, PURPOSE)
                withdrawn += 1
            else:
                give_consent(workspace, desk, who, choice)
            turns += 1
        assert reader.stdout is not None
        said = reader.stdout.read()
    assert reader.returncode == 0
    permitted, refused, stood, fell = map(int, said.split())
    close(workspace)
    assert permitted + refused == count
    assert stale(home_of(tmp_path), people) == (permitted, 0)
    assert min(permitted, refused) > 0  # they did meet
    assert min(stood, fell) > count // READS_A_WITHDRAWAL  # and looked ahead, which held or was overtaken
    assert withdrawn >= count // READS_A_WITHDRAWAL


@pytest.mark.slow
def test_no_permit_outlives_its_consent(tmp_path: Path) -> None:
    """Two processes, 1,000 reads among withdrawals: not one read was permitted after a withdrawal was recorded."""
    interleaved(tmp_path, 1_000)


@pytest.mark.long
def test_no_permit_outlives_its_consent_in_a_hundred_thousand(tmp_path: Path) -> None:
    """The same, 100,000 times."""
    interleaved(tmp_path, 100_000)
