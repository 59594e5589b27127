"""What holds for every test: no network, no silent skip in CI, and the same random examples for everyone there.

``--long`` adds the runs of minutes (marker ``long``); without it they are deselected, so that a plain run reports no
skips. With ``CI=true`` a skip whose reason is not in ``SKIPS_ALLOWED_IN_CI`` is a failure: what CI does not run, CI
must not bless.

Whatever a test writes lies in memory where there is room for it: a workspace commits to the disk at each step, and a
test waited for that longer than for anything else. Nobody pulls the plug of a test; a killed process is no pulled plug.
``TMPDIR`` says otherwise.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest

pytest_plugins = ["tests.databases"]

IN_CI = os.environ.get("CI") == "true"

# The beginning of a skip's reason, and why CI may do without that test.
SKIPS_ALLOWED_IN_CI: dict[str, str] = {}

_MEMORY: Final = Path("/dev/shm")
_ROOM: Final = 4 << 30  # bytes; what a whole run has in use at once is under a quarter of it

hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("long", deadline=None, max_examples=2_000)


def _write_to_memory() -> None:
    """Have this process and those that it starts make their temporary files in memory, if there is room."""
    if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # it is remembered from the first time on


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--long``."""
    parser.addoption("--long", action="store_true", help="also run the fault and load tests marked `long`")


def pytest_configure(config: pytest.Config) -> None:
    """Choose where files lie, how many examples a property is tried on, and whether they are the same each time."""
    _write_to_memory()
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "ci" if IN_CI else "default")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, not skip, what is marked ``long``, unless it was asked for."""
    if config.getoption("--long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not (IN_CI and report.skipped) or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if not reason.startswith(tuple(SKIPS_ALLOWED_IN_CI)):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped in CI, and tests/conftest.py does not allow it: {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one in CI."""
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a module skipped as a whole into a failed one in CI."""
    report = yield
    _fail_if_skipped(report)
    return report


def _is_local(family: int, address: Any) -> bool:
    if family not in (socket.AF_INET, socket.AF_INET6):
        return True
    host = address[0]
    try:
        return host in ("", "localhost") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _LocalSocket(socket.socket):
    """A socket that reaches this machine only."""

    def connect(self, address: Any) -> None:
        self._check(address)
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        self._check(address)
        return super().connect_ex(address)

    def sendto(self, data: Any, *rest: Any) -> int:
        self._check(rest[-1])
        return super().sendto(data, *rest)

    def _check(self, address: Any) -> None:
        if not _is_local(self.family, address):
            pytest.fail(f"a test reached out of this machine: {address[0]}:{address[1]}")


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Keep every test, and what it calls in this process, on this machine; name servers are not asked either."""
    resolve = socket.getaddrinfo

    def resolve_locally(host: Any, *rest: Any, **more: Any) -> Any:
        if host is not None and not _is_local(socket.AF_INET, (host.decode() if isinstance(host, bytes) else host,)):
            pytest.fail(f"a test asked for the address of {host!r}")
        return resolve(host, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", _LocalSocket)
        patch.setattr(socket, "getaddrinfo", resolve_locally)
        yield
