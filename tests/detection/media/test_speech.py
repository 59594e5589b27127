"""When somebody speaks."""

from __future__ import annotations

from shouxin.detection.media.speech import WINDOW, speech_segments


def _windows(*parts: tuple[float, float]) -> list[float]:
    """(seconds, likelihood) as windows."""
    return [share for seconds, share in parts for _ in range(round(seconds / WINDOW))]


def test_silence_holds_no_speech() -> None:
    """What is never likely is never speech, nor is nothing at all."""
    assert speech_segments(_windows((10, 0.3))) == []
    assert speech_segments([]) == []


def test_a_breath_does_not_end_a_segment_and_a_pause_does() -> None:
    """A third of a second of silence is within a segment; two seconds are between two."""
    said = speech_segments(_windows((1, 0), (1, 0.9), (0.32, 0), (1, 0.9), (2, 0), (1, 0.9), (1, 0)))
    assert [(round(start, 1), round(end, 1)) for start, end in said] == [(0.8, 3.5), (5.1, 6.5)]


def test_a_click_is_no_speech() -> None:
    """One likely window alone is nothing."""
    assert speech_segments(_windows((1, 0), (WINDOW, 0.99), (1, 0))) == []


def test_doubt_goes_on_but_does_not_begin() -> None:
    """A likelihood between the thresholds lets speech go on and begins none."""
    assert speech_segments(_windows((5, 0.4))) == []
    ((start, end),) = speech_segments(_windows((1, 0.9), (1, 0.4), (2, 0)))
    assert (start, round(end, 1)) == (0.0, 2.2)


def test_speech_at_the_end_ends_with_the_sound() -> None:
    """The margin does not reach over the end."""
    likely = _windows((1, 0), (1, 0.9))
    ((_, end),) = speech_segments(likely)
    assert end == round(len(likely) * WINDOW, 3)
