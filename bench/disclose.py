"""Recorded disclosure of one 1 KB value, 16 concurrent callers, against OpenBao transit decrypt with its audit on."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.figure import at_least, figure, times
from bench.house import House, card, open_house
from bench.openbao import OpenBao, openbao
from bench.people import ID_NUMBER, NAME, person, wrapped
from bench.timing import Crowd, crowd, percentile
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Intake, Person, Plan
from shouxin.operations.consenting.choose import Choice
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
from shouxin.policy.card import Form

PURPOSE = "loan.review"
NOTE = ItemCode("communication.note")
CALLERS = 16


def _note(number: int) -> bytes:
    return f"{number:08} ".encode() + b"x" * 1015


def _house(folder: Path, subjects: int) -> tuple[House, list[SubjectId]]:
    """Return a workspace of people who were told and have a note of 1 KB each, and these people."""
    house = open_house(folder, [card(PURPOSE, [NAME, ID_NUMBER, NOTE], statutory=False)])
    told = (Choice(PURPOSE, "zh", agreed=False),)
    intakes = [
        Intake(
            number + 1,
            Person(
                wrapped({item: value for item, value in person(number).items() if item in (NAME, ID_NUMBER)})
                | {NOTE: Plaintext(_note(number))},
                told,
            ),
        )
        for number in range(subjects)
    ]
    done = collect(
        house.workspace, house.tokens["collector"], Plan("csv", (PURPOSE,)), intakes, place=source_digest("csv", b"")
    )
    assert done.taken == subjects, done.aside[:3]
    return house, list(house.workspace.custody.keyring.all_subjects())


def _caller(house: House, subjects: list[SubjectId], form: str, seed: int) -> Callable[[], None]:
    chance = random.Random(seed)
    workspace, token, items = house.workspace, house.tokens["analyst"], frozenset({NOTE})

    def call() -> None:
        subject = chance.choice(subjects)
        found = disclose(workspace, token, Wish(PURPOSE, items, (subject,), Form(form))).values[subject][NOTE]
        assert isinstance(found, str) or len(found) == 1024

    return call


def _peer_caller(bao: OpenBao, requests: list[bytes], seed: int) -> Callable[[], None]:
    chance = random.Random(seed)

    def call() -> None:
        assert len(bao.decrypt(chance.choice(requests))) == 1024

    return call


def _measure(folder: Path, subjects: int, duration: float, rounds: int) -> tuple[dict[str, list[Crowd]], str]:
    house, people = _house(folder / "ours", subjects)
    with openbao(folder / "peer") as start:
        bao, requests = start([_note(number) for number in range(subjects)])
        ways: dict[str, Callable[[int], Callable[[], None]]] = {
            "peer": lambda seed: _peer_caller(bao, requests, seed),
            "raw": lambda seed: _caller(house, people, "raw", seed),
            "masked": lambda seed: _caller(house, people, "masked", seed),
        }
        took: dict[str, list[Crowd]] = {name: [] for name in (*ways, "peer alone", "raw alone", "masked alone")}
        for turn in range(rounds):
            for name, way in ways.items():
                crowd([way(1000 + seed) for seed in range(CALLERS)], duration / 5)  # warm
                took[name].append(crowd([way(100 * turn + seed) for seed in range(CALLERS)], duration))
                took[f"{name} alone"].append(crowd([way(seed) for seed in range(1)], duration / 2))
        assert bao.audit_log.stat().st_size > 1000 * len(took["peer"][0].waits), "the peer kept no audit"
    leaves = house.workspace.data.read(lambda records: records.ledger.size)
    assert leaves > sum(len(one.waits) for one in (*took["raw"], *took["masked"])), "disclosures without a leaf"
    return took, bao.version


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; see the module."""
    subjects, duration, rounds = (200, 2.0, 1) if quick else (2_000, 6.0, 5)
    with tempfile.TemporaryDirectory(prefix="shouxin-bench-") as folder:
        took, version = _measure(Path(folder), subjects, duration, rounds)
    rate = {name: median(one.rate for one in found) for name, found in took.items()}
    peer = ("OpenBao transit decrypt, file audit on", rate["peer"])
    goal = times(at_least(1, 2))
    waits = {name: [wait for one in found for wait in one.waits] for name, found in took.items()}

    def spread(name: str) -> str:
        return f"p50 {percentile(waits[name], 0.5) * 1000:.1f} ms, p99 {percentile(waits[name], 0.99) * 1000:.1f} ms"

    return {
        "title": f"Recorded disclosure of one 1 KB value, {CALLERS} concurrent callers",
        "figures": [
            figure("disclose raw, signed checkpoint first", rate["raw"], "/s", peer=peer, goal=goal),
            figure("disclose masked", rate["masked"], "/s", peer=peer, goal=goal),
            figure("disclose raw, one caller", rate["raw alone"], "/s", peer=(peer[0], rate["peer alone"])),
            figure("disclose masked, one caller", rate["masked alone"], "/s", peer=(peer[0], rate["peer alone"])),
        ],
        "notes": [
            f"Sign-in, policy, event and open in each; {subjects:,} subjects. Waits of one call: "
            + "; ".join(f"{name} {spread(name)}" for name in ("raw", "masked", "peer"))
            + ".",
            (
                "Ours: Python threads of one process; each event is on disk (fsync) before the key is fetched, and for "
                "raw a signed checkpoint too. Peer: the same threads over HTTP on loopback with kept connections, one "
                "key for all values, a token that may only decrypt; it writes its audit without fsync."
            ),
            f"Median of {rounds} rounds of {duration:g} s, taken in turn.",
        ],
        "machine": {"OpenBao": version},
    }
