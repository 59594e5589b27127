"""A consent that is withdrawn in one process carries nothing in another: not one decision is staler than its record."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from shouxin.bootstrap import open_workspace
from shouxin.domain.event import EventKind
from shouxin.domain.identifiers import SubjectId
from shouxin.ledger.entry import decode
from shouxin.operations.choose import Choice, give_consent
from shouxin.operations.withdraw import withdraw_consent
from tests.workspaces import CARD, adopt, close, collected, home_of, ready, signed_in

PURPOSE: Final = "marketing.offer"
OFFER: Final = CARD.replace('"credit.review"', f'"{PURPOSE}"').replace('"contract"', '"consent"')

# What the other process does: read as fast as it can until it has read so often, whatever it is told.
READER: Final = """
import sys
from pathlib import Path
from shouxin.bootstrap import open_workspace
from shouxin.errors import Refused, NotFound
from shouxin.operations.disclose import Wish, disclose
home, token, who, purpose, item, count = sys.argv[1:]
workspace = open_workspace(Path(home))
wish = Wish(purpose, frozenset({item}), (bytes.fromhex(who),), "masked")
permitted = refused = 0
while permitted + refused < int(count):
    try:
        disclose(workspace, token, wish)
        permitted += 1
    except (Refused, NotFound):
        refused += 1
print(permitted, refused)
"""


def stale(home: Path) -> tuple[int, int, int]:
    """Go through the log: return disclosures under the consent, refusals, and disclosures after it was withdrawn."""
    workspace = open_workspace(home)
    made = refused = wrong = 0
    stands = False
    for _, body in workspace.data.read(lambda records: list(records.ledger.entries(0, records.ledger.size))):
        event = decode(body)
        if event.facts.get("purpose") != PURPOSE:
            continue
        if event.kind in {EventKind.CONSENT_GIVEN, EventKind.CONSENT_WITHDRAWN}:
            stands = event.kind is EventKind.CONSENT_GIVEN
        elif event.kind is EventKind.DISCLOSURE_MADE:
            made, wrong = made + 1, wrong + (not stands)
        elif event.kind is EventKind.DISCLOSURE_REFUSED:
            refused += 1
    close(workspace)
    return made, refused, wrong


def interleaved(tmp_path: Path, count: int) -> None:
    """Withdraw and give again in this process while another reads ``count`` times; look at every entry afterwards."""
    workspace = ready(tmp_path)
    (who,) = collected(workspace, range(1))
    adopt(workspace, signed_in(workspace, "dpo"), OFFER)
    desk, analyst = signed_in(workspace, "rights_desk"), signed_in(workspace, "analyst")
    choice = Choice(PURPOSE, "zh", agreed=True, by_person=True)
    words = [str(home_of(tmp_path)), analyst, SubjectId(who).hex(), PURPOSE, "identity.name", str(count)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", READER, *words]
    turns = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as reader:
        while reader.poll() is None:
            give_consent(workspace, desk, who, choice)
            withdraw_consent(workspace, desk, who, PURPOSE)
            turns += 1
        assert reader.stdout is not None
        said = reader.stdout.read()
    assert reader.returncode == 0
    permitted, refused = map(int, said.split())
    close(workspace)
    made, said_no, wrong = stale(home_of(tmp_path))
    assert permitted + refused == count
    assert (made, wrong) == (permitted, 0)
    assert said_no <= refused
    assert min(permitted, refused, turns) > 0  # they did meet


@pytest.mark.slow
def test_no_permit_outlives_its_consent(tmp_path: Path) -> None:
    """Two processes, 1,000 reads among withdrawals: not one read was permitted after a withdrawal was recorded."""
    interleaved(tmp_path, 1_000)


@pytest.mark.long
def test_no_permit_outlives_its_consent_in_a_hundred_thousand(tmp_path: Path) -> None:
    """The same, 100,000 times."""
    interleaved(tmp_path, 100_000)
