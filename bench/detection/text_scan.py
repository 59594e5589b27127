"""Megabytes a second of dense Chinese log text, all detectors but names, one core; and Presidio on the same bytes.

Both run in this process, one after the other; Presidio on the first part only, because it would take minutes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.util import find_spec

from bench.detection.log_text import log_text
from shouxin.detection import plain
from shouxin.detection.bulk import finder
from shouxin.detection.scan import Finder, scan_bytes

MEGABYTE = 1_000_000
SIZE, PLAIN_SIZE, PEER_SIZE, CHUNK, ROUNDS = 32 * MEGABYTE, MEGABYTE // 2, MEGABYTE // 2, 1 << 20, 3


def _chunks(data: bytes) -> Iterator[bytes]:
    return (data[at : at + CHUNK] for at in range(0, len(data), CHUNK))


def _speed(data: bytes, find: Finder) -> tuple[float, float, int]:
    """Megabytes a second of wall time (best round) and of processor time, and the findings."""
    wall = cpu = 0.0
    count = 0
    for _ in range(ROUNDS):
        began, used = time.perf_counter(), time.process_time()
        count = sum(len(batch.findings) for batch in scan_bytes(_chunks(data), find))
        wall = max(wall, len(data) / (time.perf_counter() - began) / MEGABYTE)
        cpu = max(cpu, len(data) / (time.process_time() - used) / MEGABYTE)
    return wall, cpu, count


def _part(data: bytes, size: int) -> bytes:
    return data[: data.index(b"\n", size) + 1]


def run() -> dict[str, float | int | str]:
    """Return the figures; ``ratio`` only where Presidio is installed."""
    data = log_text(SIZE)
    result: dict[str, float | int | str] = {"bytes": len(data), "lines": data.count(b"\n")}
    wall, cpu, count = _speed(data, finder())
    result |= {
        "engine": "numpy + hyperscan" if find_spec("hyperscan") else "numpy",
        "mb_per_s": round(wall, 1),
        "mb_per_cpu_s": round(cpu, 1),
        "findings": count,
        "findings_per_line": round(count / data.count(b"\n"), 2),
        "without_hyperscan_mb_per_s": round(_speed(_part(data, SIZE // 4), finder(native=False))[0], 1),
        "reference_engine_mb_per_s": round(_speed(_part(data, PLAIN_SIZE), plain.find)[0], 2),
    }
    clean = "今天的任务已经完成，等待下一步处理；系统运行正常，没有异常。\n".encode() * (SIZE // 200)
    result["without_personal_data_mb_per_s"] = round(_speed(clean, finder())[0], 1)
    if find_spec("presidio_analyzer"):
        from bench.detection.presidio_peer import measure

        speed, found = measure(_part(data, PEER_SIZE))
        ours = sum(len(batch.findings) for batch in scan_bytes([_part(data, PEER_SIZE)], finder()))
        result |= {
            "presidio_mb_per_s": round(speed, 3),
            "presidio_findings": found,
            "our_findings_in_the_same": ours,
            "ratio": round(wall / speed),
        }
    return result


if __name__ == "__main__":
    for name, value in run().items():
        print(f"{name:32} {value}")
