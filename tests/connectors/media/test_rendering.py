"""Renditions, with the real engines: what was seen and heard before is not afterwards."""

from __future__ import annotations

import wave
from pathlib import Path

import cv2
import numpy as np
import pytest

from shouxin.connectors.media.libav import remux, samples
from shouxin.connectors.media.rendering import MediaRenderer
from shouxin.connectors.readers.apart import Apart
from shouxin.demo.specimen import RATE, id_card, speech_like, write_interview, write_sound
from shouxin.demo.video import PORTRAIT, read_facts
from shouxin.detection.media.rendition import RenditionFacts
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid
from tests.connectors.media.looking import WHO, findings, pieces, png


def _masked(path: Path) -> tuple[RenditionFacts, Path]:
    with MediaRenderer().masked([Plaintext(path.read_bytes())]) as made:
        target = path.with_name(f"masked{made.facts.suffix}")
        target.write_bytes(b"".join(made.parts))
        return made.facts, target


@pytest.mark.slow
def test_nobody_is_found_in_the_rendition_of_a_portrait(tmp_path: Path, apart: Apart) -> None:
    """The face of the portrait is found before and not after; what lies apart from it is as it was."""
    source = tmp_path / "portrait.jpg"
    source.write_bytes(PORTRAIT.read_bytes())
    assert [one.kind for one in findings(pieces(source, apart))] == ["face"]
    facts, made = _masked(source)
    assert (facts.suffix, facts.faces) == (".png", 1)
    assert not findings(pieces(made, apart))
    before, after = cv2.imread(str(source)), cv2.imread(str(made))
    assert before is not None
    assert after is not None
    assert np.array_equal(before[480:, :100], after[480:, :100])
    assert len(np.unique(after[170:290, 210:330].reshape(-1, 3), axis=0)) == 1  # one colour where the face was


@pytest.mark.slow
def test_an_interview_is_masked_from_end_to_end(tmp_path: Path, apart: Apart) -> None:
    """Face, card and number are gone from every sample, speech is silence, and the hiss beside it is still there."""
    write_interview(tmp_path / "v.mp4", id_card(WHO), 3, (1.0, 2.0), (640, 360))
    write_sound(tmp_path / "a.wav", 3, [(1.0, 2.0)])
    remux(str(tmp_path / "v.mp4"), str(tmp_path / "a.wav"), str(tmp_path / "source.mkv"))
    facts, made = _masked(tmp_path / "source.mkv")
    assert (facts.suffix, facts.seconds) == (".mkv", 3.0)
    assert facts.faces > 20
    assert 0.8 < facts.muted < 2
    assert not findings(pieces(made, apart))
    assert read_facts(made).frames == 75
    heard = np.frombuffer(b"".join(samples(str(made), RATE, 1)), dtype="<i2")
    assert abs(len(heard) - 3 * RATE) < RATE // 20
    assert not heard[RATE : 2 * RATE].any()
    assert heard[: RATE // 4].any()


def test_a_recording_keeps_what_is_no_speech(tmp_path: Path) -> None:
    """Of a recording the speech is silent and the rest is not."""
    write_sound(tmp_path / "talk.wav", 4, [(1.5, 2.5)])
    facts, made = _masked(tmp_path / "talk.wav")
    with wave.open(str(made)) as file:
        heard = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")[::2]
    rate = len(heard) / 4
    assert facts.suffix == ".wav"
    assert not heard[round(1.5 * rate) : round(2.5 * rate)].any()
    assert heard[: round(rate)].any()
    assert speech_like(1.0).any()


@pytest.mark.parametrize("data", [b"", b"\x1aE\xdf\xa3" + b"\x01" * 9_000, png(id_card(WHO))[:9_000], b"%PDF-1.7\n"])
def test_what_cannot_be_masked_is_refused(data: bytes) -> None:
    """Nothing, noise, half a picture and what is neither picture nor video give no rendition."""
    with pytest.raises(Invalid, match="cannot be masked"), MediaRenderer().masked([Plaintext(data)]):
        pass


def test_masking_ends_with_its_time(tmp_path: Path) -> None:
    """A child that does not finish in time is ended, and nothing is handed out."""
    with pytest.raises(Invalid, match="too long"), MediaRenderer(deadline=0.01).masked([Plaintext(png(id_card(WHO)))]):
        pass
