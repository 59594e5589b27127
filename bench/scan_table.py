"""A Parquet table of ten million rows and twenty columns, graded by a sample; and text through the same scan.

The table is drawn by its own generator: half of the columns are people's (fabricated), half are traps. What is measured
is what ``shouxin source scan`` does, with the process apart that reads Parquet; memory is of both processes together.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.detection.log_text import log_text
from bench.figure import at_least, at_most, figure

_GROUP: Final = 500_000
_WEIGHTS: Final = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK: Final = np.frombuffer(b"10X98765432", np.uint8)
# name -> what a scan must say of it
EXPECTED: Final = {
    "cert_no": "identity.id_number",
    "phone": "contact.mobile",
    "contact_phone": "contact.mobile",
    "bank_card_no": "account.card_number",
    "email": "contact.email",
    "ip": "device.ip",
}


def _text(octets: np.ndarray[Any, np.dtype[np.uint8]]) -> pa.Array:
    rows, width = octets.shape
    offsets = pa.py_buffer(np.arange(0, (rows + 1) * width, width, dtype=np.int32))
    return pa.StringArray.from_buffers(rows, offsets, pa.py_buffer(np.ascontiguousarray(octets)))


def _digits(rng: np.random.Generator, rows: int, width: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return rng.integers(0x30, 0x3A, (rows, width), np.uint8)


def _resident_ids(rng: np.random.Generator, rows: int) -> pa.Array:
    """Right check digits, from a region that is not assigned."""
    octets = _digits(rng, rows, 18)
    octets[:, :6] = np.frombuffer(b"119901", np.uint8)
    years = rng.integers(1950, 2005, rows)
    for at, power in enumerate((1000, 100, 10, 1)):
        octets[:, 6 + at] = 0x30 + years // power % 10
    octets[:, 10], octets[:, 12] = 0x30, 0x31
    octets[:, 11] = 0x31 + rng.integers(0, 9, rows, np.uint8)
    octets[:, 17] = _CHECK[((octets[:, :17] - 0x30).astype(np.int64) @ _WEIGHTS) % 11]
    return _text(octets)


def _cards(rng: np.random.Generator, rows: int) -> pa.Array:
    octets = _digits(rng, rows, 19)
    octets[:, :6] = np.frombuffer(b"620000", np.uint8)
    figures = (octets[:, :18] - 0x30).astype(np.int64)
    doubled = figures[:, 1::2] * 2  # from the right, every second before the check digit
    total = figures[:, 0::2].sum(1) + (doubled - 9 * (doubled > 9)).sum(1)
    octets[:, 18] = 0x30 + (10 - total % 10) % 10
    return _text(octets)


def _mobiles(rng: np.random.Generator, rows: int) -> pa.Array:
    octets = _digits(rng, rows, 11)
    octets[:, :3] = np.frombuffer(b"154", np.uint8)
    return _text(octets)


def _emails(rng: np.random.Generator, rows: int) -> pa.Array:
    octets = np.empty((rows, 20), np.uint8)
    octets[:, :9] = rng.integers(0x61, 0x7B, (rows, 9), np.uint8)
    octets[:, 9:] = np.frombuffer(b"@mail.test ", np.uint8)
    return _text(octets)


def _addresses(rng: np.random.Generator, rows: int) -> pa.Array:
    octets = np.empty((rows, 11), np.uint8)
    octets[:] = np.frombuffer(b"10.000.1.00", np.uint8)
    octets[:, 3:6] = 0x31
    octets[:, 4] = 0x30 + rng.integers(0, 10, rows, np.uint8)
    octets[:, 9] = 0x31
    octets[:, 10] = 0x30 + rng.integers(0, 10, rows, np.uint8)
    return _text(octets)


def _orders(rng: np.random.Generator, rows: int) -> pa.Array:
    octets = _digits(rng, rows, 16)
    octets[:, :2] = np.frombuffer(b"62", np.uint8)
    return _text(octets)


_COLUMNS: Final[dict[str, Callable[[np.random.Generator, int], pa.Array]]] = {
    "id": lambda rng, rows: pa.array(np.arange(rows)),
    "cert_no": _resident_ids,
    "phone": _mobiles,
    "contact_phone": _mobiles,
    "bank_card_no": _cards,
    "email": _emails,
    "ip": _addresses,
    "order_ref": _orders,
    "batch_ref": _orders,
    "scenario_code": lambda rng, rows: pa.array(rng.integers(100, 1000, rows)).cast(pa.string()),
    "academic_year_code": lambda rng, rows: pa.array(rng.integers(2015, 2027, rows)).cast(pa.string()),
    "created_ms": lambda rng, rows: pa.array(rng.integers(1_600_000_000_000, 1_800_000_000_000, rows)),
    "score_a": lambda rng, rows: pa.array(rng.random(rows) * 1e5),
    "score_b": lambda rng, rows: pa.array(rng.random(rows)),
    "score_c": lambda rng, rows: pa.array(rng.normal(0, 1, rows)),
    "quantity": lambda rng, rows: pa.array(rng.integers(0, 10**6, rows)),
    "branch_code": lambda rng, rows: pa.array(rng.integers(0, 500, rows)).cast(pa.string()),
    "step": lambda rng, rows: pa.array(rng.integers(0, 20, rows)).cast(pa.string()),
    "weight_kg": lambda rng, rows: pa.array(rng.random(rows) * 100),
    "flag": lambda rng, rows: pa.array(rng.integers(0, 2, rows)),
}


def write_table(path: Path, rows: int) -> None:
    """Write the table: ``rows`` rows in groups of half a million."""
    rng = np.random.default_rng(7)
    writer = None
    for start in range(0, rows, _GROUP):
        count = min(_GROUP, rows - start)
        part = pa.table({name: made(rng, count) for name, made in _COLUMNS.items()})
        writer = writer or pq.ParquetWriter(path, part.schema)
        writer.write_table(part)
    if writer is not None:
        writer.close()


_CHILD: Final = """
import json, resource, sys, time
from pathlib import Path
from shouxin.bootstrap import open_source
from shouxin.detection.survey.grading import judge_report
from shouxin.domain.clock import SystemClock
from shouxin.operations.scanning.scan_source import scan_source
start = time.perf_counter()
report = scan_source(open_source(sys.argv[1]), SystemClock())
verdict = judge_report(report)
took = time.perf_counter() - start
usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
# what getrusage tells of ourselves is that of whoever started us, if it was more
peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
print(json.dumps({
    "seconds": took,
    "cpu": sum(one.ru_utime + one.ru_stime for one in usage),
    "memory": (peak + usage[1].ru_maxrss) / 1024,
    "columns": {column.name: list(column.items) for place in verdict.places for column in place.columns},
    "rows": sum(one.rows for one in report.places),
    "read": sum(one.read for one in report.places),
    "unread": len(report.unread),
}))
"""


def _scan(path: Path) -> dict[str, Any]:
    told = subprocess.run([sys.executable, "-c", _CHILD, str(path)], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def _told(found: dict[str, Any]) -> str:
    wrong = {
        name: items
        for name, items in found["columns"].items()
        if items != ([EXPECTED[name]] if name in EXPECTED else [])
    }
    return f"wrongly graded columns: {wrong}" if wrong else "all 20 columns graded as expected, no trap fired"


def _bounded(found: dict[str, Any]) -> str:
    return (
        f"{found['read']:,} of {found['rows']:,} rows were drawn at random; every row group is decoded. "
        "A column in which nothing was seen holds something in at most 0.04% of its rows (Wilson, 95%); to "
        "rule that out, look at every row with --everything. Times include the start of the process that reads. "
        "Text is measured in processor time, start included: one thread reads it."
    )


def run(*, quick: bool = False) -> dict[str, Any]:
    """Measure; see the module."""
    rows, megabytes = (200_000, 16) if quick else (10_000_000, 256)
    with tempfile.TemporaryDirectory(prefix="shouxin-scan-") as folder:
        table, small, log = Path(folder, "table.parquet"), Path(folder, "small.parquet"), Path(folder, "app.log")
        write_table(table, rows)
        write_table(small, rows // 10)
        part = log_text(min(megabytes, 32) * 1_000_000)
        with log.open("wb") as file:
            for _ in range(max(1, megabytes // 32)):
                file.write(part)
        whole, tenth, text = _scan(table), _scan(small), _scan(log)
        size, packed = log.stat().st_size / 1e6, table.stat().st_size / 1e6
    return {
        "title": "Scanning a source",
        "figures": [
            figure(f"Parquet, {rows:,} rows × 20 columns, graded", whole["seconds"], "s", goal=at_most(60)),
            figure("the same, processor time", whole["cpu"], "s"),
            figure("its memory, both processes", whole["memory"], "MiB", goal=at_most(1024, 512)),
            figure("memory for a tenth of the rows", tenth["memory"], "MiB"),
            figure(f"log text through the same scan, {size:,.0f} MB", size / text["cpu"], "MB/s", goal=at_least(20)),
        ],
        "notes": [_bounded(whole), f"{_told(whole)}; the file has {packed:,.0f} MB."],
    }


if __name__ == "__main__":
    start = time.perf_counter()
    print(json.dumps(run(quick="--quick" in sys.argv), indent=1, ensure_ascii=False))
    print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
