"""The ledger's bytes are RFC 8785 to the letter, for every event that the vocabulary allows."""

from __future__ import annotations

import pytest
import rfc8785
from hypothesis import given

from shouxin.domain.event import Event
from shouxin.errors import Tampered
from shouxin.ledger.entry import decode, encode
from tests.events import an_event, events


def _plain(event: Event) -> dict[str, object]:
    """Return what the entry says, as the specification of the format has it."""
    return {
        **event.facts,
        "at": event.at,
        "event": str(event.kind),
        "id": event.event_id.hex(),
        "op": event.operation.hex(),
        "v": 1,
    }


@given(events())
def test_an_entry_is_canonical_json(event: Event) -> None:
    """Somebody else's RFC 8785 encoder writes the same bytes."""
    assert encode(event) == rfc8785.dumps(_plain(event))  # type: ignore[arg-type]  # its types are narrower than JSON


@given(events())
def test_an_entry_is_read_back(event: Event) -> None:
    """What was written is read as the same event."""
    assert decode(encode(event)) == event


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v": 1'),
        (b'"v":1', b'"v":1.0'),
        (b'"v":1,', b'"v":1,"w":1,'),
        (b'"}', b'"}\n'),
        (b',"v":1', b""),
        (b"sign-in.ended", b"sign-in.other"),
        (b'{"actor"', b'{"Actor"'),
        (b"analyst", b"\\u0061nalyst"),
        (b"analyst", "张三".encode()),
        (b"{", b"["),
        (b'"id":"', b'"id":"0'),
        (b'"at":1700000000000', b'"at":"1700000000000"'),
        (b'"at":1700000000000', b'"at":-1'),
        (b'"at":1700000000000', b'"at":1.7e12'),
        (b'"at":1700000000000', b'"at":true'),
    ],
)
def test_an_entry_in_another_form_is_not_read(old: bytes, new: bytes) -> None:
    """Another order, blank, version, escape, number or word is not taken for what was written."""
    entry = encode(an_event())
    assert old in entry
    with pytest.raises(Tampered):
        decode(entry.replace(old, new))


@pytest.mark.parametrize(
    "entry", [b"", b"null", b"[]", b"{}", b"\xff", b'"a"', b'{"event":1}', b'{"event":null,"at":1}', b"[" * 100_000]
)
def test_what_is_no_entry_is_not_read(entry: bytes) -> None:
    """Bytes that are no event are tampering, never another error."""
    with pytest.raises(Tampered):
        decode(entry)


def test_the_form_is_fixed() -> None:
    """One whole entry, written out: these bytes are what signatures of years ago cover."""
    event = an_event(at=1, actor="a" * 64, role="dpo", row="b" * 64, was="0" * 64)
    event = type(event)(
        event.kind, event.at, type(event.event_id)(bytes(16)), type(event.operation)(bytes(16)), event.facts
    )
    assert encode(event).decode() == (
        f'{{"actor":"{"a" * 64}","at":1,"event":"sign-in.ended","id":"{"0" * 32}","op":"{"0" * 32}",'
        f'"role":"dpo","row":"{"b" * 64}","v":1,"was":"{"0" * 64}"}}'
    )
