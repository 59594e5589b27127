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

from shouxin.domain.plaintext import HIDDEN, PlainFields, Plaintext
from shouxin.operations.collecting.intake_source import SourceRecord

SECRET = "张三 13800138000"
VALUE = Plaintext.of(SECRET)
FIELDS = PlainFields({"name": SECRET, "note": "x"})
KINDS: dict[str, Any] = {"a value": VALUE, "fields of a record": FIELDS}


@dataclass(frozen=True, slots=True)
class Holder:
    """A record that somebody might write somewhere."""

    name: str
    value: Any


def _logged(write: Callable[[logging.Logger], None]) -> str:
    stream = io.StringIO()
    logger = logging.getLogger("plaintext")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s %(args)s"))
    logger.addHandler(handler)
    write(logger)
    logger.removeHandler(handler)
    return stream.getvalue()


SHOWN: dict[str, Callable[[Any], str]] = {
    "repr": repr,
    "str": str,
    "ascii": lambda it: ascii(it).encode().decode("unicode-escape"),
    "f-string": lambda it: f"{it}",
    "f-string with repr": lambda it: f"{it!r}",
    "f-string with its name": lambda it: f"{it=}",
    "f-string with a width": lambda it: f"{it:>40}",
    "format": "{0} {0!r} {0!s}".format,
    "percent": lambda it: "%s %r" % (it, it),  # noqa: UP031 - as above
    "in a list": lambda it: str([it]),
    "in a dictionary": lambda it: str({"name": it}),
    "in a dataclass": lambda it: str(Holder("n", it)),
    "pretty-printed": lambda it: pprint.pformat({"a": [it] * 3}),
    "in an error": lambda it: repr(ValueError(it)) + str(ValueError(it)),
    "logged as an argument": lambda it: _logged(lambda log: log.error("seen %s %r", it, it)),
    "logged as the message": lambda it: _logged(lambda log: log.error(it)),
    "json with a default": lambda it: json.dumps({"v": it}, default=str, ensure_ascii=False),
    "orjson with a default": lambda it: orjson.dumps({"v": it}, default=repr).decode(),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", SHOWN)
def test_it_shows_nothing(way: str, kind: str) -> None:
    """Whatever writes a value, or the fields of a record, for people writes the same sign for all of them."""
    shown = SHOWN[way](KINDS[kind])
    assert HIDDEN in shown
    assert "13800138000" not in shown
    assert "张三" not in shown


@pytest.mark.parametrize("kind", KINDS)
def test_a_traceback_with_local_variables_shows_nothing(kind: str) -> None:
    """A crash report that lists every local variable of every frame holds no value."""

    def crash(value: object) -> None:
        kept = [value]
        raise RuntimeError(f"something about {kept}")

    try:
        crash(KINDS[kind])
    except RuntimeError as error:
        report = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert HIDDEN in report
    assert "13800138000" not in report


REFUSED: dict[str, Callable[[Any], Any]] = {
    **{f"pickle {protocol}": partial(pickle.dumps, protocol=protocol) for protocol in range(6)},
    "pickle inside": lambda it: pickle.dumps([Holder("n", it)]),
    "copy": copy.copy,
    "deepcopy": lambda it: copy.deepcopy({"v": it}),
    "asdict": lambda it: asdict(Holder("n", it)),
    "json": lambda it: json.dumps({"v": it}),
    "orjson": lambda it: orjson.dumps(Holder("n", it)),
    "msgspec json": lambda it: msgspec.json.encode(Holder("n", it)),
    "msgspec msgpack": lambda it: msgspec.msgpack.encode({"v": it}),
    "msgspec builtins": msgspec.to_builtins,
    "iteration": list,
    "bytes": bytes,
    "join": lambda it: b"".join([it]),
    "concatenation": lambda it: "a" + it,
    "hash": hash,
    "key of a dictionary": lambda it: {it: 1},
    "member of a set": lambda it: {it},
    "vars": vars,
    "memoryview": memoryview,
    "index": lambda it: it[0],
    "order": lambda it: sorted([it, Plaintext.of("a")]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", REFUSED)
def test_it_cannot_be_taken_along(way: str, kind: str) -> None:
    """It is not copied, serialised, iterated, hashed or sorted, and the refusal does not repeat it."""
    with pytest.raises(TypeError) as caught:
        REFUSED[way](KINDS[kind])
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


def test_fields_are_revealed_and_chosen_by_name() -> None:
    """``reveal`` gives the fields as they came, and ``only`` those that were asked for."""
    assert FIELDS.reveal() == {"name": SECRET, "note": "x"}
    assert FIELDS.only({"note", "other"}).reveal() == {"note": "x"}


@pytest.mark.parametrize("where", ["fields", "key", "mark", "cursor"])
def test_a_record_of_a_source_shows_its_line_only(where: str) -> None:
    """Fields, and what a source names its records and places by, stand in no ``repr``; a record cannot be pickled."""
    parts: dict[str, Any] = {"fields": PlainFields({"a": SECRET}), "key": SECRET, "mark": SECRET, "cursor": (SECRET,)}
    one = SourceRecord(7, **{"fields": PlainFields({}), where: parts[where]})
    assert "13800138000" not in f"{one} {one!r} {[one]}"
    assert "line=7" in repr(one)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(one)
