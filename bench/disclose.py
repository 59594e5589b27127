"""Recorded disclosure of one 1 KB value, 16 concurrent callers, against OpenBao transit decrypt with its audit on."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from bench.crews import Crew, crews
from bench.figure import at_least, figure, times
from bench.house import House, card, open_house
from bench.openbao import OpenBao, openbao
from bench.people import ID_NUMBER, NAME, person, wrapped
from bench.timing import Crowd, percentile
from shouxin.actors.account import Token
from shouxin.bootstrap import open_workspace
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Intake, Person, Plan
from shouxin.operations.consenting.choose import Choice
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Form

PURPOSE = "loan.review"
NOTE = ItemCode("communication.note")
CALLERS = 16
WORKERS = 2


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


def our_callers(
    home: Path, token: Token, subjects: list[SubjectId], form: str, seeds: Sequence[int]
) -> list[Callable[[], None]]:
    """Return callers who disclose; they share a process, which opens the workspace as any worker does."""
    workspace = open_workspace(home)
    return [_caller(workspace, token, subjects, form, seed) for seed in seeds]


def _caller(workspace: Workspace, token: Token, subjects: list[SubjectId], form: str, seed: int) -> Callable[[], None]:
    chance = random.Random(seed)
    items = frozenset({NOTE})

    def call() -> None:
        subject = chance.choice(subjects)
        found = disclose(workspace, token, Wish(PURPOSE, items, (subject,), Form(form))).values[subject][NOTE]
        assert isinstance(found, str) or len(found) == 1024

    return call


def peer_callers(place: tuple[int, Path, str], requests: list[bytes], seeds: Sequence[int]) -> list[Callable[[], None]]:
    """Return callers who ask the peer, each on a connection of their own."""
    bao = OpenBao(*place)
    return [_peer_caller(bao, requests, seed) for seed in seeds]


def _peer_caller(bao: OpenBao, requests: list[bytes], seed: int) -> Callable[[], None]:
    chance = random.Random(seed)

    def call() -> None:
        assert len(bao.decrypt(chance.choice(requests))) == 1024

    return call


def _measure(folder: Path, subjects: int, duration: float, rounds: int) -> tuple[dict[str, list[Crowd]], str]:
    house, people = _house(folder / "ours", subjects)
    token = house.tokens["analyst"]
    took: dict[str, list[Crowd]] = {}
    with openbao(folder / "peer") as start:
        bao, requests = start([_note(number) for number in range(subjects)])
        ways: dict[str, Callable[[Sequence[int]], Crew]] = {
            "peer": lambda seeds: (peer_callers, ((bao.port, bao.audit_log, bao.token), requests, seeds)),
            "raw": lambda seeds: (our_callers, (folder / "ours", token, people, "raw", seeds)),
            "masked": lambda seeds: (our_callers, (folder / "ours", token, people, "masked", seeds)),
        }
        for turn in range(rounds):
            for (name, way), (workers, callers) in product(ways.items(), ((WORKERS, CALLERS), (1, CALLERS), (1, 1))):
                seeds = range(100 * turn, 100 * turn + callers)
                share = callers // workers
                each = [way(seeds[share * worker : share * (worker + 1)]) for worker in range(workers)]
                found = crews(each, duration if callers > 1 else duration / 2)
                took.setdefault(f"{name} {callers} in {workers}", []).append(found)
        asked = len(took[f"peer {CALLERS} in 1"][0].waits)
        assert bao.audit_log.stat().st_size > 1000 * asked, "the peer kept no audit"
    leaves = house.workspace.data.read(lambda records: records.ledger.size)
    ours = sum(len(one.waits) for name, every in took.items() if not name.startswith("peer") for one in every)
    assert leaves > ours, "disclosures without a leaf"
    return took, bao.version


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; see the module."""
    subjects, duration, rounds = (200, 1.5, 1) if quick else (2_000, 4.0, 3)
    with tempfile.TemporaryDirectory(prefix="shouxin-bench-") as folder:
        took, version = _measure(Path(folder), subjects, duration, rounds)
    rate = {name: median(one.rate for one in found) for name, found in took.items()}
    waits = {name: [wait for one in found for wait in one.waits] for name, found in took.items()}
    many, single, alone = f"{CALLERS} in {WORKERS}", f"{CALLERS} in 1", "1 in 1"

    def better(name: str) -> float:
        """Both sides are taken where their callers serve them best: in one process, or in two."""
        return max(rate[f"{name} {many}"], rate[f"{name} {single}"])

    best = max((f"peer {many}", f"peer {single}"), key=lambda name: rate[name])
    peer = ("OpenBao transit decrypt, file audit on", better("peer"))
    one = (peer[0], rate[f"peer {alone}"])
    goal = times(at_least(1, 2))

    def spread(name: str) -> str:
        p50, p99 = (percentile(waits[name], share) * 1000 for share in (0.5, 0.99))
        return f"{name} {p50:.1f} and {p99:.1f} ms"

    return {
        "title": f"Recorded disclosure of one 1 KB value, {CALLERS} concurrent callers",
        "figures": [
            figure("disclose raw, signed checkpoint first", better("raw"), "/s", peer=peer, goal=goal),
            figure("disclose masked", better("masked"), "/s", peer=peer, goal=goal),
            figure("disclose raw, callers in one process", rate[f"raw {single}"], "/s", peer=peer),
            figure("disclose raw, callers in two processes", rate[f"raw {many}"], "/s", peer=peer),
            figure("disclose masked, callers in one process", rate[f"masked {single}"], "/s", peer=peer),
            figure("disclose masked, callers in two processes", rate[f"masked {many}"], "/s", peer=peer),
            figure("disclose raw, one caller", rate[f"raw {alone}"], "/s", peer=one),
            figure("disclose masked, one caller", rate[f"masked {alone}"], "/s", peer=one),
        ],
        "notes": [
            f"Sign-in, policy, event and open in each; {subjects:,} subjects. p50 and p99 of one call: "
            + "; ".join(map(spread, (f"raw {single}", f"raw {many}", f"masked {single}", best)))
            + ".",
            (
                f"Ours: the callers are threads of one Python process, or of {WORKERS} on one workspace "
                f"({CALLERS // WORKERS} each), as workers of a service; each event is on disk (fsync) before the key "
                f"is fetched, and for raw a signed checkpoint too. Peer: the same threads, in {WORKERS} processes too "
                f"({rate[f'peer {many}']:,.0f}/s) and in one ({rate[f'peer {single}']:,.0f}/s); of both "
                "sides the better counts; over HTTP on loopback with kept connections, one key for all values, a token "
                "that may only decrypt; it writes its audit without fsync."
            ),
            f"Median of {rounds} rounds of {duration:g} s, taken in turn, each in fresh processes.",
        ],
        "machine": {"OpenBao": version},
    }
