#!/usr/bin/env python3
"""From a bare Python 3.11 or newer to a running Shouxin, on Linux (macOS: not tried).

    python3 dev.py demo  [arguments of shouxin demo; with --sources it needs more packages]
    python3 dev.py test  [arguments of pytest]
    python3 dev.py check                              format, style, types, imports, house rules
    python3 dev.py bench [arguments of the benchmarks]

Each command has a list of packages, pinned by hash, and a longer list contains the shorter. They go into ``.venv``. Its
stamp names the lists that are complete; it is taken away before anything is changed and written last, so that a set-up
which was killed is begun anew. A second ``dev.py`` started meanwhile waits for the first.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BYTECODE = VENV / "bytecode"
BIN, PYTHON, STAMP = VENV / "bin", VENV / "bin" / "python", VENV / "shouxin-stamp"
LAUNCHER = BIN / "shouxin"  # the installed command, from this folder as it stands
UV = "requirements-uv.txt"
CORE, SOURCES, DEV, BENCH = (f"requirements{name}.txt" for name in ("", "-sources", "-dev", "-bench"))
LISTS = {"demo": CORE, "test": DEV, "check": DEV, "bench": BENCH}
CHECKS: dict[str, list[str | Path]] = {
    "format": [BIN / "ruff", "format", "--check", "--output-format=concise", "."],
    "style": [BIN / "ruff", "check", "--output-format=concise", "."],
    "types": [BIN / "mypy", "--strict", "--no-error-summary", "src", "dev.py"],
    "imports": [BIN / "lint-imports"],
    "house": [PYTHON, "-m", "pytest", "-q", "--tb=short", "tests/house"],
}


def digest() -> str:
    """What the environment depends on: this Python, this place, every list."""
    lists = b"".join((ROOT / name).read_bytes() for name in (UV, CORE, SOURCES, DEV, BENCH))
    return hashlib.sha256(f"{sys.version} {VENV} ".encode() + lists).hexdigest()


def install(wanted: str, lock: int, *, new: bool) -> None:
    """Install the list ``wanted``, after making the environment if ``new``; SystemExit if no way succeeds."""

    def run(*command: str | Path) -> str | None:  # who outlives a killed dev.py still holds the lock
        done = subprocess.run(command, cwd=ROOT, pass_fds=[lock], capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).strip() or "it said nothing" if done.returncode else None

    if new and run(sys.executable, "-m", "venv", "--clear", VENV):
        sys.exit(f"\n{sys.executable} cannot make an environment. On Debian or Ubuntu: apt-get install python3-venv")
    hashed = ("--quiet", "--no-deps", "--require-hashes", "-r")
    pip = (PYTHON, "-m", "pip", "install", "--disable-pip-version-check")
    refusal = run(*pip, *hashed, UV) if new else None
    refusal = refusal or run(PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON, *hashed, wanted)
    if refusal and (final := run(*pip, *hashed, wanted)):  # without uv, pip does the same, slower
        sys.exit(f"\nuv: {refusal}\npip: {final}\nThe packages of {wanted} could not be installed.")


def prepare(wanted: str) -> None:
    """Return when ``.venv`` holds the list ``wanted``, complete; set it up first if need be."""
    lock = os.open(ROOT, os.O_RDONLY)  # the folder itself is the lock: nothing to leave behind
    fcntl.flock(lock, fcntl.LOCK_EX)
    now = digest()
    stamp = STAMP.read_text(encoding="utf-8").split() if STAMP.exists() else []
    complete = stamp[1:] if stamp[:1] == [now] else []
    if wanted not in complete:
        print(f"Setting up .venv from {wanted} ...", end="", file=sys.stderr, flush=True)
        start = time.monotonic()
        STAMP.unlink(missing_ok=True)
        install(wanted, lock, new=not complete)
        STAMP.write_text("\n".join([now, *complete, wanted]), encoding="utf-8")
        print(f" {time.monotonic() - start:.1f} s", file=sys.stderr)
    launch = (
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT / "src"))} exec {shlex.quote(str(PYTHON))} -m shouxin.cli "$@"\n'
    )
    if not LAUNCHER.exists() or LAUNCHER.read_text(encoding="utf-8") != launch:
        LAUNCHER.write_text(launch, encoding="utf-8")
        LAUNCHER.chmod(0o755)
    os.close(lock)


def environment() -> dict[str, str]:
    """What a command runs in. Bytecode is kept beside the packages, for every process that it starts and the next run.

    Also where ``PYTHONDONTWRITEBYTECODE`` is set: it is there to keep sources clean, and they stay so. Without it each
    of the thousands of processes that the tests start compiles everything that it imports.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONPYCACHEPREFIX": str(BYTECODE)}


def check(env: dict[str, str]) -> int:
    """Run every check, also after one has failed; one line each, and what a failed one said. 1 if any failed."""
    failed = 0
    for name, command in CHECKS.items():
        start = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        print(f"{'FAILED' if done.returncode else 'ok':8}{name:10}{time.monotonic() - start:5.1f} s", flush=True)
        if done.returncode:
            failed = 1
            print(done.stdout + done.stderr)
    return failed


def become(env: dict[str, str], *command: str) -> NoReturn:
    """Replace this process by ``python -m command``, so that signals and the exit code are the command's own."""
    os.execve(PYTHON, [str(PYTHON), "-m", *command], env)  # noqa: S606 - no shell is wanted


def main(command: str = "", *arguments: str) -> int:
    """Prepare the environment, then become the command; returns for ``check`` and for misuse (2) only."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this has whatever Python they have
        sys.exit(f"Shouxin needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    if command not in LISTS:
        print(__doc__)
        return 0 if command in ("-h", "--help") else 2
    prepare(SOURCES if command == "demo" and "--sources" in arguments else LISTS[command])
    env = environment()
    if command == "check":
        return check(env)
    if command == "demo":
        become(env, "shouxin.cli", "demo", *arguments)  # where the user stands: arguments may be paths
    os.chdir(ROOT)
    if command == "bench":
        become(env, "bench", *arguments)
    given = any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in arguments)
    shared = () if given else ("-n", "auto", "--dist", "worksteal")  # neighbours share what a module sets up
    become(env, "pytest", "-q", *shared, *arguments)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
