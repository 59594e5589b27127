"""Specimens to look at and listen to: cards, a contract, and an interview in which a card is shown.

Laws. Every number is fabricated (``identities``); cards and contract say SPECIMEN. The face is the public-domain
portrait of the demo. The voice is made of formants, as vowels are: a detector of speech takes it for speech, nobody
understands it, and it is nobody's.

This module needs the extra ``media``; callers import it when they need it.
"""

from __future__ import annotations

import io
import wave
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeAlias

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from shouxin.demo.identities import FabricatedIdentity
from shouxin.demo.video import PORTRAIT
from shouxin.errors import Invalid, Misconfigured

__all__ = [
    "RATE",
    "bank_card",
    "contract_page",
    "id_card",
    "number_box",
    "speech_like",
    "write_interview",
    "write_sound",
]

_Picture: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]"  # rows, columns, blue-green-red
_Samples: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.int16]]"

RATE: Final = 16_000  # samples a second
_CARD: Final = (856, 540)  # ten pixels a millimetre of ID-1 (ISO/IEC 7810)
_INK, _PAPER = (24, 24, 24), (226, 236, 240)
_NUMBER_AT: Final = (290, 440)
_NUMBER_SIZE: Final = 40
_FPS: Final = 25
# Frequency and width in Hz of three formants: a, i, u, e as a man speaks them (Peterson and Barney 1952, rounded).
_VOWELS: Final = (
    ((730, 60), (1090, 90), (2440, 120)),
    ((270, 60), (2290, 90), (3010, 120)),
    ((300, 60), (870, 90), (2240, 120)),
    ((530, 60), (1840, 90), (2480, 120)),
)
_SYLLABLE: Final = 0.2  # seconds


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"
    return ImageFont.truetype(io.BytesIO(font.read_bytes()), size)


def _drawn(size: tuple[int, int], texts: list[tuple[int, int, int, str]], paper: tuple[int, int, int]) -> Image.Image:
    """A sheet with texts, each at (left, top) in a size in pixels."""
    picture = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(picture)
    for left, top, height, text in texts:
        pen.text((left, top), text, font=_font(height), fill=_INK)
    return picture


def _as_frame(picture: Image.Image) -> _Picture:
    return np.ascontiguousarray(np.asarray(picture, dtype=np.uint8)[:, :, ::-1])


def id_card(identity: FabricatedIdentity, portrait: Path | None = PORTRAIT) -> _Picture:
    """Return the portrait side of an identity card that never was, 856 by 540 pixels; ``None``: without a face."""
    sex = "女" if identity.sex == "female" else "男"
    year, month, day = identity.birth_date.split("-")
    address = [identity.address[at : at + 11] for at in range(0, len(identity.address), 11)]
    texts = [
        (60, 60, 30, f"姓名  {identity.name}"),
        (60, 125, 30, f"性别  {sex}    民族  汉"),
        (60, 190, 30, f"出生  {year} 年 {int(month)} 月 {int(day)} 日"),
        *(
            (60 if not at else 140, 255 + 45 * at, 30, f"{'住址  ' if not at else ''}{line}")
            for at, line in enumerate(address)
        ),
        (60, 448, 30, "公民身份号码"),
        (*_NUMBER_AT, _NUMBER_SIZE, identity.id_number),
        (560, 500, 22, "SPECIMEN 样本"),
    ]
    picture = _drawn(_CARD, texts, _PAPER)
    if portrait is not None:
        with Image.open(portrait) as face:
            picture.paste(face.convert("RGB").crop((100, 40, 430, 430)).resize((240, 284)), (580, 90))
    return _as_frame(picture)


def number_box(identity: FabricatedIdentity) -> tuple[int, int, int, int]:
    """Return where ``id_card`` prints the number: left, top, right, bottom."""
    left, top, right, bottom = _font(_NUMBER_SIZE).getbbox(identity.id_number)
    return (
        round(_NUMBER_AT[0] + left),
        round(_NUMBER_AT[1] + top),
        round(_NUMBER_AT[0] + right),
        round(_NUMBER_AT[1] + bottom),
    )


def bank_card(identity: FabricatedIdentity) -> _Picture:
    """Return a bank card that never was."""
    number = " ".join(identity.card_number[at : at + 4] for at in range(0, len(identity.card_number), 4))
    texts = [
        (50, 40, 44, "样本银行 SPECIMEN BANK"),
        (60, 270, 50, number),
        (60, 360, 28, "借记卡 DEBIT  VALID THRU 12/39"),
        (620, 440, 40, "UnionPay"),
    ]
    return _as_frame(_drawn(_CARD, texts, (200, 214, 232)))


def contract_page(identity: FabricatedIdentity) -> Image.Image:
    """Return a page of a loan contract that never was, A4 at 100 dots an inch."""
    lines = [
        "个人消费借款合同（样本 SPECIMEN）",
        "甲方（贷款人）：样本消费金融有限公司",
        f"乙方（借款人）：{identity.name}",
        f"身份证号码：{identity.id_number}",
        f"手机：{identity.mobile}",
        f"住址：{identity.address}",
        "第一条  借款金额为人民币壹万元整。",
        "第二条  借款期限十二个月，按月等额还款。",
        "乙方签字：____________",
    ]
    texts = [(80, 100 + 70 * at, 24 if at else 34, line) for at, line in enumerate(lines)]
    return _drawn((827, 1169), texts, (255, 255, 255))


def speech_like(seconds: float, *, seed: int = 1) -> _Samples:
    """Return a voice that says nothing, in 16-bit samples at ``RATE``."""
    drawn = np.random.default_rng(seed)
    size = round(_SYLLABLE * RATE)
    count = max(1, round(seconds * RATE / size))
    moments = np.arange(count * size) / RATE
    pitch = 120 + 15 * np.sin(2 * np.pi * 2.3 * moments) + 10 * np.sin(2 * np.pi * 0.7 * moments)
    turns = np.floor(np.cumsum(pitch) / RATE)
    source = np.concatenate([[0.0], np.diff(turns)])
    out = np.zeros(count * size)
    edges = [at * size for at in range(count + 1)]
    for first, last in pairwise(edges):
        voiced = source[first:last]
        for middle, width in _VOWELS[int(drawn.integers(len(_VOWELS)))]:
            voiced = _resonated(voiced, middle, width)
        out[first:last] = voiced * np.sqrt(np.hanning(size))
    return np.asarray(out / max(1e-9, float(np.abs(out).max())) * 12_000, dtype=np.int16)


def _resonated(
    source: np.ndarray[tuple[int, ...], np.dtype[np.float64]], middle: int, width: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """A resonator of one frequency, as its response of 40 ms."""
    moments = np.arange(round(0.04 * RATE)) / RATE
    response = np.exp(-np.pi * width * moments) * np.sin(2 * np.pi * middle * moments)
    return np.convolve(source, response)[: len(source)]


def write_sound(path: Path, seconds: float, spoken: list[tuple[float, float]]) -> None:
    """Write a WAV file: a soft hiss of ``seconds``, and the voice in each (start, end) of ``spoken``."""
    noise = np.random.default_rng(2).normal(0, 60, round(seconds * RATE)).astype(np.int16)
    for start, end in spoken:
        voice = speech_like(end - start)
        first = round(start * RATE)
        noise[first : first + len(voice)] += voice[: len(noise) - first]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(noise.astype("<i2").tobytes())


def write_interview(
    target: Path, card: _Picture, seconds: float, shown: tuple[float, float], size: tuple[int, int] = (1280, 720)
) -> None:
    """Write an MP4 without sound: somebody who sits and moves a little, and ``card`` on the screen during ``shown``.

    Raises:
        Invalid: less than one frame. Misconfigured: this build of OpenCV has no such encoder.
    """
    portrait = cv2.imread(str(PORTRAIT), cv2.IMREAD_COLOR)
    if portrait is None or round(seconds * _FPS) < 1:
        raise Invalid("expected a portrait and at least one frame", "seconds")
    width, height = size
    high = round(0.9 * height)
    person = cv2.resize(
        portrait, (round(portrait.shape[1] * high / portrait.shape[0]), high), interpolation=cv2.INTER_AREA
    )
    shown_high = round(0.6 * height)
    held = cv2.resize(
        card, (round(card.shape[1] * shown_high / card.shape[0]), shown_high), interpolation=cv2.INTER_AREA
    )
    grain = np.random.default_rng(3).integers(0, 6, (height, width, 1), dtype=np.uint8)
    coder = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"mp4v"), _FPS, size)
    if not coder.isOpened():
        raise Misconfigured("OpenCV cannot write MPEG-4")
    try:
        for number in range(round(seconds * _FPS)):
            at = number / _FPS
            frame = np.full((height, width, 3), (150, 140, 128), np.uint8) + np.roll(grain, number * 7, axis=1)
            left = round(0.04 * width + 0.008 * width * np.sin(1.7 * at))
            top = round(0.1 * height + 0.006 * height * np.sin(2.9 * at))
            frame[top : top + high, left : left + person.shape[1]] = person[: height - top]
            if shown[0] <= at < shown[1]:
                right, low = width - round(0.02 * width), round(0.2 * height)
                frame[low : low + shown_high, right - held.shape[1] : right] = held
            coder.write(frame)
    finally:
        coder.release()
