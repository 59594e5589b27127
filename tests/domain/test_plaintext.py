"""Plaintext leaves through ``reveal`` and ``text``, and by no accident."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import pprint
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.plaintext import HIDDEN, Plaintext

SECRET = "张三 13800138000"
VALUE = Plaintext.of(SECRET)


@dataclass(frozen=True, slots=True)
class Holder:
    """A record that somebody might write somewhere."""

    name: str
    value: Plaintext


def _logged(write: Callable[[logging.Logger], None]) -> str:
    stream = io.StringIO()
    logger = logging.getLogger("plaintext")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s %(args)s"))
    logger.addHandler(handler)
    write(logger)
    logger.removeHandler(handler)
    return stream.getvalue()


SHOWN: dict[str, Callable[[], str]] = {
    "repr": lambda: repr(VALUE),
    "str": lambda: str(VALUE),
    "ascii": lambda: ascii(VALUE).encode().decode("unicode-escape"),
    "f-string": lambda: f"{VALUE}",
    "f-string with repr": lambda: f"{VALUE!r}",
    "f-string with its name": lambda: f"{VALUE=}",
    "f-string with a width": lambda: f"{VALUE:>40}",
    "format": lambda: "{0} {0!r} {0!s}".format(VALUE),  # noqa: UP032 - the old ways are what is tested
    "percent": lambda: "%s %r" % (VALUE, VALUE),  # noqa: UP031 - as above
    "in a list": lambda: str([VALUE]),
    "in a dictionary": lambda: str({"name": VALUE}),
    "in a dataclass": lambda: str(Holder("n", VALUE)),
    "pretty-printed": lambda: pprint.pformat({"a": [VALUE] * 3}),
    "in an error": lambda: repr(ValueError(VALUE)) + str(ValueError(VALUE)),
    "logged as an argument": lambda: _logged(lambda log: log.error("seen %s %r", VALUE, VALUE)),
    "logged as the message": lambda: _logged(lambda log: log.error(VALUE)),
    "json with a default": lambda: json.dumps({"v": VALUE}, default=str, ensure_ascii=False),
    "orjson with a default": lambda: orjson.dumps({"v": VALUE}, default=repr).decode(),
}


@pytest.mark.parametrize("way", SHOWN)
def test_it_shows_nothing(way: str) -> None:
    """Whatever writes a value for people writes the same sign for every value."""
    shown = SHOWN[way]()
    assert HIDDEN in shown
    assert "13800138000" not in shown
    assert "张三" not in shown


def test_a_traceback_with_local_variables_shows_nothing() -> None:
    """A crash report that lists every local variable of every frame holds no value."""

    def crash(value: Plaintext) -> None:
        kept = [value]
        raise RuntimeError(f"something about {kept}")

    try:
        crash(VALUE)
    except RuntimeError as error:
        report = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert HIDDEN in report
    assert "13800138000" not in report


REFUSED: dict[str, Callable[[], Any]] = {
    **{f"pickle {protocol}": partial(pickle.dumps, VALUE, protocol) for protocol in range(6)},
    "pickle inside": lambda: pickle.dumps([Holder("n", VALUE)]),
    "copy": lambda: copy.copy(VALUE),
    "deepcopy": lambda: copy.deepcopy({"v": VALUE}),
    "asdict": lambda: asdict(Holder("n", VALUE)),
    "json": lambda: json.dumps({"v": VALUE}),
    "orjson": lambda: orjson.dumps(Holder("n", VALUE)),
    "msgspec json": lambda: msgspec.json.encode(Holder("n", VALUE)),
    "msgspec msgpack": lambda: msgspec.msgpack.encode({"v": VALUE}),
    "msgspec builtins": lambda: msgspec.to_builtins(VALUE),
    "iteration": lambda: list(VALUE),  # type: ignore[call-overload]  # the refusal is what is tested
    "bytes": lambda: bytes(VALUE),  # type: ignore[call-overload]  # as above
    "join": lambda: b"".join([VALUE]),  # type: ignore[list-item]  # as above
    "concatenation": lambda: "a" + VALUE,  # type: ignore[operator]  # as above
    "hash": lambda: hash(VALUE),
    "key of a dictionary": lambda: {VALUE: 1},
    "member of a set": lambda: {VALUE},
    "vars": lambda: vars(VALUE),
    "memoryview": lambda: memoryview(VALUE),  # type: ignore[arg-type]  # as above
    "index": lambda: VALUE[0],  # type: ignore[index]  # as above
    "order": lambda: sorted([VALUE, Plaintext.of("a")]),
}


@pytest.mark.parametrize("way", REFUSED)
def test_it_cannot_be_taken_along(way: str) -> None:
    """It is not copied, serialised, iterated, hashed or sorted, and the refusal does not repeat it."""
    with pytest.raises(TypeError) as caught:
        REFUSED[way]()
    assert "13800138000" not in repr(caught.value)


def test_bytes_that_are_no_text_do_not_leak_with_the_error() -> None:
    """Reading a value as text that is none raises an error in which the value does not stand."""
    with pytest.raises(Exception) as caught:
        Plaintext(SECRET.encode() + b"\xff").text()
    assert b"13800138000" not in getattr(caught.value, "object", b"")
    assert "13800138000" not in repr(caught.value)
    assert caught.value.__context__ is None


def test_text_that_is_no_utf8_does_not_leak_with_the_error() -> None:
    """Wrapping text that cannot be written as UTF-8 raises an error in which the text does not stand."""
    with pytest.raises(Exception) as caught:
        Plaintext.of(SECRET + "\ud800")
    assert "13800138000" not in repr(caught.value)
    assert caught.value.__context__ is None


@given(st.text(), st.text())
def test_equality_is_that_of_the_values(one: str, other: str) -> None:
    """Two values are equal exactly when their bytes are; nothing else equals a value."""
    assert (Plaintext.of(one) == Plaintext.of(other)) == (one == other)
    assert Plaintext.of(one) != one
    assert Plaintext.of(one) != one.encode()


@given(st.binary())
def test_what_was_wrapped_is_revealed(value: bytes) -> None:
    """``reveal`` gives the bytes back, and the length is known without them."""
    assert Plaintext(value).reveal() == value
    assert len(Plaintext(value)) == len(value)


def test_text_is_wrapped_as_utf8() -> None:
    """Chinese text comes back as it was given."""
    assert VALUE.text() == SECRET
    assert VALUE.reveal() == SECRET.encode()
