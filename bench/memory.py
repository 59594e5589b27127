"""Memory above idle of sealing and opening a large object, each in a process of its own, against a plain copy."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from bench.figure import at_most, figure
from shouxin.domain.identifiers import InstitutionId, ObjectId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.keys.suite import INTL
from shouxin.storage.object_store import ObstoreObjects
from shouxin.vault.object import ObjectBinding, open_object, seal_object

MEGABYTE = 1024 * 1024
PART = 1024 * 1024
OBJECT = ObjectId(bytes(range(16)))
COPY = ObjectId(bytes(range(1, 17)))
KEY = bytes(range(32))
BINDING = ObjectBinding(
    InstitutionId(bytes(16)), SubjectId(bytes(16)), "loan.review", ItemCode("interview.video"), OBJECT
)


def _peak() -> float:
    """Return the most memory that this process ever had resident, in MB.

    The kernel's mark of this address space where there is one: what ``getrusage`` says of a child begins with the
    memory of the parent that started it.
    """
    try:
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / MEGABYTE if sys.platform == "darwin" else most / 1024


def _parts(size: int) -> Iterator[bytes]:
    block = os.urandom(PART)
    for _ in range(size // PART):
        yield bytes(block)


def _drain(parts: Iterable[Any]) -> int:
    return sum(len(part) for part in parts)


def _work(name: str, store: ObstoreObjects, size: int) -> Callable[[], object]:
    if name == "seal":
        return lambda: store.put(OBJECT, seal_object(INTL, KEY, BINDING, _parts(size)))
    if name == "open":
        return lambda: _drain(open_object(INTL, KEY, BINDING, store.get(OBJECT)))
    if name == "put":
        return lambda: store.put(COPY, _parts(size))
    return lambda: _drain(store.get(COPY))


def _child(name: str, folder: str, size: int) -> None:
    """Do one work, after a small one of the same kind has loaded what is needed; print what it took."""
    store = ObstoreObjects.local(Path(folder))
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        small = ObstoreObjects.local(Path(aside))
        _work("put" if name in ("put", "get") else "seal", small, PART)()
        _work(name, small, PART)() if name in ("open", "get") else None
    idle = _peak()
    start = time.perf_counter()
    done = _work(name, store, size)()
    took = time.perf_counter() - start
    assert not isinstance(done, int) or done == size
    print(json.dumps({"idle": idle, "above": _peak() - idle, "rate": size / MEGABYTE / took}))


def _measured(name: str, folder: str, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.memory", name, folder, str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; see the module."""
    size = 64 * MEGABYTE if quick else 1024 * MEGABYTE
    with tempfile.TemporaryDirectory(prefix="shouxin-bench-") as folder:
        took = {name: _measured(name, folder, size) for name in ("seal", "open", "put", "get")}
    goal = at_most(100)
    return {
        "title": f"Memory above idle for one object of {size // MEGABYTE:,} MB",
        "figures": [
            figure(
                "seal into the object store",
                took["seal"]["above"],
                "MB",
                peer=("put unsealed", took["put"]["above"]),
                goal=goal,
            ),
            figure(
                "open from the object store",
                took["open"]["above"],
                "MB",
                peer=("get unsealed", took["get"]["above"]),
                goal=goal,
            ),
            figure("seal, speed", took["seal"]["rate"], "MB/s", peer=("put unsealed", took["put"]["rate"])),
            figure("open, speed", took["open"]["rate"], "MB/s", peer=("get unsealed", took["get"]["rate"])),
        ],
        "notes": [
            (
                f"Each in a fresh process; idle is {took['seal']['idle']:.0f} MB, with everything loaded. Sealing "
                "streams from memory in parts of 1 MB to a local folder, with fsync; peak resident memory as the "
                "kernel counts it."
            )
        ],
    }


if __name__ == "__main__":
    _child(sys.argv[1], sys.argv[2], int(sys.argv[3]))
