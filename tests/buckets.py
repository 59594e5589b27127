"""A real S3 for tests: SeaweedFS from its wheel, on loopback, started when the first test asks, stopped by its own id.

Each test gets a prefix of its own in one bucket, as a URL that obstore takes; the credentials are in the environment of
this process, as they are of a lender's.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path
from typing import Final

_NUMBERS: Final = itertools.count()
_PATIENCE: Final = 60  # seconds until a server that does not answer has failed
_PARTS: Final = ("master", "volume", "filer", "s3")


def _free_ports(count: int) -> list[int]:
    """Return free ports whose sum with 10,000, where each part speaks gRPC, is free too."""
    found: list[int] = []
    for port in range(21000 + os.getpid() % 5000, 54000, 7):
        try:
            for one in (port, port + 10_000):
                with socket.socket() as tried:
                    tried.bind(("127.0.0.1", one))
        except OSError:
            continue
        found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")


def _answers(address: str) -> bool:
    """Make the bucket; say whether there is one now."""
    request = urllib.request.Request(f"{address}/lender", method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code == 409
    except OSError:
        return False


@cache
def _server() -> str:
    """Start the server and return its address."""
    folder = Path(tempfile.mkdtemp(prefix="sxs3"))
    ports = dict(zip(_PARTS, _free_ports(len(_PARTS)), strict=True))
    said = [f"-{name}.port={port}" for name, port in ports.items()]
    quiet = [
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=0",
    ]
    weed = Path(sys.executable).with_name("weed")
    process = subprocess.Popen(
        [weed, "server", f"-dir={folder}", "-s3", *quiet, *said],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )

    def stop() -> None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    address = f"http://127.0.0.1:{ports['s3']}"
    waited = time.monotonic() + _PATIENCE
    while not _answers(address):
        assert time.monotonic() < waited, "SeaweedFS does not answer"
        assert process.poll() is None, "SeaweedFS ended"
        time.sleep(0.2)
    os.environ |= {
        "AWS_ENDPOINT": address,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "lender",
        "AWS_SECRET_ACCESS_KEY": "invented",
        "AWS_REGION": "us-east-1",
    }
    return address


def bucket() -> str:
    """Return the URL of an empty place in the bucket."""
    _server()
    return f"s3://lender/{os.getpid()}/{next(_NUMBERS)}"
