from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from shouxin.demo.video import PORTRAIT, VideoFacts, make_interview, read_facts
from shouxin.errors import Invalid, Misconfigured

SIZE = (320, 180)


@pytest.fixture(scope="module", params=[".mp4", ".webm"])
def interview(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of interview in each format that is written."""
    target = tmp_path_factory.mktemp("video") / f"interview{request.param}"
    make_interview(PORTRAIT, target, 1, SIZE)
    return target


def _frames(path: Path) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    capture = cv2.VideoCapture(str(path))
    frames = []
    while (read := capture.read())[0]:
        frames.append(np.asarray(read[1], dtype=np.float32))
    capture.release()
    return frames


def test_an_interview_is_a_whole_video(interview: Path) -> None:
    """One second at 25 frames is 25 frames of the size asked for, of which the file tells as much when read back."""
    assert read_facts(interview) == VideoFacts(25, 25.0, 320, 180, 1.0)


def test_the_codec_is_the_one_that_is_documented(interview: Path) -> None:
    """An .mp4 is MPEG-4 part 2, a .webm is VP8; neither needs a GPL encoder."""
    capture = cv2.VideoCapture(str(interview))
    code = int(capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little").decode()
    capture.release()
    assert code == {".mp4": "FMP4", ".webm": "VP80"}[interview.suffix]


def test_the_picture_moves_and_carries_a_caption(interview: Path) -> None:
    """First and last frame differ, and every frame has white letters on a dark bar at its lower edge."""
    frames = _frames(interview)
    assert np.abs(frames[0][:150] - frames[-1][:150]).mean() > 5
    for frame in frames:
        bar = frame[164:]
        assert (bar > 180).mean() > 0.02
        assert (bar < 90).mean() > 0.6
    picture = cv2.imread(str(PORTRAIT))
    assert picture is not None
    assert abs(frames[0][:150].mean() - picture[:300].mean()) < 25


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_video_is_refused(interview: Path, tmp_path: Path, kept: float) -> None:
    """A video of which the end is missing is refused, wherever it was cut, and the message names no file."""
    whole = interview.read_bytes()
    cut = tmp_path / f"zhang-san{interview.suffix}"
    cut.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(Invalid) as caught:
        read_facts(cut)
    assert "zhang" not in str(caught.value)


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    """Text under the name of a video, and a name with nothing behind it, are refused."""
    text = tmp_path / "text.mp4"
    text.write_text("no video\n" * 100, encoding="utf-8")
    for path in (text, tmp_path / "nothing.mp4"):
        with pytest.raises(Invalid, match="not a video"):
            read_facts(path)


@pytest.mark.parametrize(
    ("portrait", "name", "seconds", "size"),
    [
        (Path("nowhere.png"), "a.mp4", 1.0, SIZE),
        (PORTRAIT, "a.avi", 1.0, SIZE),
        (PORTRAIT, "a.mp4", 0.0, SIZE),
        (PORTRAIT, "a.mp4", 1.0, (321, 180)),
        (PORTRAIT, "a.mp4", 1.0, (64, 36)),
    ],
)
def test_an_interview_that_cannot_be_made_is_refused(
    tmp_path: Path, portrait: Path, name: str, seconds: float, size: tuple[int, int]
) -> None:
    """No portrait, a format that is not written, no frame, an odd or a tiny size are refused before a file exists."""
    with pytest.raises(Invalid):
        make_interview(portrait, tmp_path / name, seconds, size)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_the_operators_business(tmp_path: Path) -> None:
    """Where nothing can be written the operator is told, instead of a video being promised."""
    with pytest.raises(Misconfigured):
        make_interview(PORTRAIT, tmp_path / "missing" / "a.mp4", 1, SIZE)


def test_the_same_portrait_gives_the_same_pictures(interview: Path, tmp_path: Path) -> None:
    """Made twice, an interview has the same frames."""
    again = tmp_path / f"again{interview.suffix}"
    make_interview(PORTRAIT, again, 1, SIZE)
    assert all(np.array_equal(one, two) for one, two in zip(_frames(interview), _frames(again), strict=True))


def test_the_readme_tells_where_the_portrait_comes_from() -> None:
    """Source and licence of every data file stand beside it."""
    readme = (PORTRAIT.parent / "README.md").read_text(encoding="utf-8")
    names = {path.name for path in PORTRAIT.parent.iterdir()} - {"README.md"}
    assert names == set(re.findall(r"^\| ([\w.]+\.\w+) \|", readme, re.MULTILINE))
