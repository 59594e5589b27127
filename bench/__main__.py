"""Find benchmarks, run each in a process of its own, print what they found, and write it down.

python3 dev.py bench                 all of them, full size; writes docs/benchmarks.md and docs/benchmarks.json
python3 dev.py bench seal ledger     these only; the other results in the files stay
python3 dev.py bench --quick         small sizes, to see that everything runs; writes nothing
python3 dev.py bench --list          their names
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bench
from bench.report import keep, lines_of, summary
from bench.timing import Busy

_PREFIX = "bench."
_QUIET = 0.1  # of all cores, used by others


def names() -> dict[str, str]:
    """Return every benchmark: its name, and the first line of what it says about itself."""
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(bench.__path__, _PREFIX):
        if module.name.endswith("__main__"):
            continue
        made = importlib.import_module(module.name)
        if callable(getattr(made, "run", None)) and made.run.__module__ == module.name:
            found[module.name.removeprefix(_PREFIX)] = (made.__doc__ or "").partition("\n")[0]
    return found


def one(name: str, *, quick: bool) -> dict[str, Any]:
    """Run one benchmark here."""
    run = importlib.import_module(_PREFIX + name).run
    takes = inspect.signature(run).parameters
    return dict(run(quick=quick) if "quick" in takes else run())


def apart(name: str, *, quick: bool) -> dict[str, Any] | None:
    """Run one benchmark in a process of its own; nothing if it broke. Adds when, how long and what others used."""
    busy, start, load = Busy(), time.monotonic(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="shouxin-bench-") as folder:
        target = Path(folder) / "found.json"
        command = [sys.executable, "-m", "bench", "--child", str(target), *(["--quick"] if quick else []), name]
        if subprocess.run(command, check=False).returncode:
            return None
        found: dict[str, Any] = json.loads(target.read_text("utf-8"))
    others = busy.others()
    used = "unknown" if others != others else f"{others:.0%}"  # noqa: PLR0124 - not a number: unknown
    busy_machine = "; **the machine was busy, measure again**" if others > _QUIET else ""
    found["load"] = (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {time.monotonic() - start:.0f} s; load average before {load:.2f}, "
        f"other processes used {used} of all cores meanwhile{busy_machine}"
    )
    return found


def main() -> int:
    """Run what was asked for; 1 if a benchmark broke, 2 if there is none of that name."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help="benchmarks to run; without any, all")
    parser.add_argument("--quick", action="store_true", help="small sizes; writes nothing")
    parser.add_argument("--list", action="store_true", help="list the benchmarks")
    parser.add_argument("--child", metavar="FILE", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        found = one(asked.names[0], quick=asked.quick)
        Path(asked.child).write_text(json.dumps(found), "utf-8")
        return 0
    known = names()
    if asked.list:
        print("\n".join(f"{name:20} {about}" for name, about in known.items()))
        return 0
    if unknown := sorted(set(asked.names) - known.keys()):
        print(f"There is no benchmark named {', '.join(unknown)}; there are {', '.join(known)}.", file=sys.stderr)
        return 2
    return _run(asked.names or list(known), quick=asked.quick)


def _run(wanted: list[str], *, quick: bool) -> int:
    from bench.machine import machine  # it measures the disk and loads what the benchmarks load

    parts = machine()
    print("\n".join(f"{name}: {value}" for name, value in parts.items()), flush=True)
    results: dict[str, dict[str, Any]] = {}
    for name in wanted:
        print(f"\n… {name}", flush=True)
        found = apart(name, quick=quick)
        if found is not None:
            results[name] = found
            print("\n".join(lines_of(name, found)), flush=True)
            if not quick:
                keep(parts, {name: found})
    print(summary(results))
    if broken := [name for name in wanted if name not in results]:
        print(f"Broken: {', '.join(broken)}.", file=sys.stderr)
    return 1 if len(results) < len(wanted) else 0


if __name__ == "__main__":
    sys.exit(main())
