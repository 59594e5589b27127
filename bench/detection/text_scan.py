"""Scan of dense Chinese log text, all detectors but names, one core; Presidio with the same kinds on the same bytes.

Ours and theirs take turns, so that a busy neighbour slows both; Presidio gets a part of the text, because the whole
would take minutes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.util import find_spec
from statistics import median
from typing import Any

from bench.detection.log_text import log_text
from bench.figure import at_least, figure, times
from shouxin.detection import plain
from shouxin.detection.bulk import finder
from shouxin.detection.scan import Finder, scan_bytes

MEGABYTE = 1_000_000
CHUNK = 1 << 20
CLEAN = "今天的任务已经完成，等待下一步处理；系统运行正常，没有异常。\n".encode()


def _chunks(data: bytes) -> Iterator[bytes]:
    return (data[at : at + CHUNK] for at in range(0, len(data), CHUNK))


def _found(data: bytes, find: Finder) -> int:
    return sum(len(batch.findings) for batch in scan_bytes(_chunks(data), find))


def _speed(data: bytes, find: Finder) -> float:
    """Megabytes a second of processor time: one thread, and others use the machine too."""
    start = time.process_time()
    _found(data, find)
    return len(data) / (time.process_time() - start) / MEGABYTE


def _part(data: bytes, size: int) -> bytes:
    return data[: data.index(b"\n", size) + 1]


def _peers(part: bytes) -> dict[str, Any]:
    """Name -> Presidio, made ready; none where it is not installed."""
    if not find_spec("presidio_analyzer"):
        return {}
    from bench.detection.presidio_peer import Presidio

    return {
        "Presidio, blank spaCy": Presidio(part, blank_spacy=True),
        "Presidio, no tokens at all": Presidio(part, blank_spacy=False),
    }


def run(*, quick: bool = False) -> dict[str, Any]:
    """Measure; see the module."""
    size, rounds = (4 * MEGABYTE, 1) if quick else (64 * MEGABYTE, 5)
    data = log_text(min(size, 32 * MEGABYTE))
    data *= max(1, size // len(data))
    part = _part(data, size // 256)
    peers = _peers(part)
    native, portable = finder(native=bool(find_spec("hyperscan"))), finder(native=False)
    speeds: dict[str, list[float]] = {
        "ours": [],
        "portable": [],
        "plain": [],
        "clean": [],
        **{name: [] for name in peers},
    }
    _found(part, native)
    for _ in range(rounds):
        speeds["ours"].append(_speed(data, native))
        for name, peer in peers.items():
            speeds[name].append(peer.speed())
        speeds["portable"].append(_speed(_part(data, size // 16), portable))
        speeds["plain"].append(_speed(part, plain.find))
        speeds["clean"].append(_speed(CLEAN * (size // len(CLEAN) // 4), native))
    middle = {name: median(values) for name, values in speeds.items()}
    figures = [figure("scan of dense Chinese log text, one core", middle["ours"], "MB/s", goal=at_least(60))]
    figures += [
        figure("the same, against a peer", middle["ours"], "MB/s", peer=(name, middle[name]), goal=times(at_least(100)))
        for name in peers
    ]
    figures += [
        figure("text without personal data", middle["clean"], "MB/s"),
        figure("without hyperscan", middle["portable"], "MB/s"),
        figure("reference engine, standard library only", middle["plain"], "MB/s"),
    ]
    counts = ", ".join(f"{name} {peer.found():,}" for name, peer in peers.items())
    return {
        "title": (
            f"Scan of {len(data) / MEGABYTE:,.0f} MB of log text, "
            f"{_found(part, native) / part.count(10):.1f} findings a line"
        ),
        "figures": figures,
        "notes": [
            (
                f"Median of {rounds} rounds taken in turn. In the part that the peers were given ours found "
                f"{_found(part, native):,}; {counts or 'no peer is installed'}. Ours also judges labels and "
                "settles overlaps."
            )
        ],
        "rounds": speeds,
    }


if __name__ == "__main__":
    for one in run()["figures"]:
        print(one["work"], "|", one["ours_text"], "|", one["peer_text"], "|", one["ratio_text"], one["verdict"])
