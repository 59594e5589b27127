"""``python -m shouxin.edge.push``: send sealed files of this edge to the institution's push door.

A process of its own: what reads an address book has nothing to send with, and what sends has only sealed files, which
it can neither read nor change. Beside each file that was taken stands FILE.sent, which says when and of which content;
a file that has one is not sent again. Run it again as often as you like. Exit code 0: all is sent; 1: refused, or some
was set aside and stays to be sent; 2: nobody answered: run it again later.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import secrets
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shouxin.edge.invitation import EDGE_FORMAT
from shouxin.edge.own_file import write_once
from shouxin.edge.sender import DoorAddress, PushSender, body_of
from shouxin.edge.signed_delivery import MOST_BYTES, MOST_RECORDS
from shouxin.errors import Invalid, NotInThisState, ShouxinError, StoreUnavailable
from shouxin.keys.signing import SigningKey

__all__ = ["SealedRecords", "main", "push"]

_SEED: Final = 32  # bytes
_BESIDE: Final = 64  # bytes of a delivery for each record beside what was sealed
_LATER: Final = 2


@dataclass(frozen=True, slots=True)
class SealedRecords:
    """A file that an edge has sealed: its records as they stand, and the SHA-256 of the file."""

    path: Path
    records: tuple[str, ...]
    digest: str

    @classmethod
    def read(cls, path: Path) -> SealedRecords:
        """Read one.

        Raises:
            Invalid: it is none, or more than one delivery takes. StoreUnavailable: it cannot be read.
        """
        try:
            content = path.read_bytes() if path.stat().st_size < MOST_BYTES else b""
        except OSError as error:
            raise StoreUnavailable(f"a sealed file cannot be read ({error.strerror})") from None
        head, *lines = content.split(b"\n")
        records = tuple(line.strip().decode("ascii", "replace") for line in lines if line.strip())
        if head.strip() != EDGE_FORMAT.encode() or not records or len(records) > MOST_RECORDS:
            raise Invalid("this is no file that an edge has sealed, or more than one delivery takes", path.name)
        return cls(path, records, hashlib.sha256(content).hexdigest())

    @property
    def receipt(self) -> Path:
        """Where it stands that this was taken."""
        return self.path.with_name(f"{self.path.name}.sent")

    def is_sent(self) -> bool:
        """Say whether this very content was taken."""
        try:
            return bool(json.loads(self.receipt.read_text("utf-8"))["sha256"] == self.digest)
        except (OSError, ValueError, TypeError, KeyError):
            return False

    def size(self) -> int:
        """Return how many bytes of a delivery it needs, at most."""
        return sum(len(one) + _BESIDE for one in self.records)


def _deliveries(files: Sequence[SealedRecords]) -> Iterator[list[SealedRecords]]:
    """Yield files in deliveries that the door takes: a plan may run less often than files are made."""
    held: list[SealedRecords] = []
    for one in files:
        together = [*held, one]
        if sum(len(each.records) for each in together) > MOST_RECORDS or sum(map(SealedRecords.size, together)) > (
            MOST_BYTES - _BESIDE
        ):
            yield held
            together = [one]
        held = together
    if held:
        yield held


def push(sender: PushSender, files: Sequence[SealedRecords]) -> dict[str, list[str]]:
    """Send files that were not sent; return the reasons for which a file still is not, by its name.

    Each file that was taken whole has its receipt on return, durable. Where something of a delivery was set aside, its
    files are sent once more one by one, to learn which it was.

    Raises:
        Refused, NotInThisState, Invalid, StoreUnavailable: see ``PushSender.send``; what was sent before is noted.
    """
    aside: dict[str, list[str]] = {}
    for together in _deliveries([one for one in files if not one.is_sent()]):
        answer = sender.send(body_of([record for one in together for record in one.records]))
        if answer.aside and len(together) > 1:
            for one in together:
                answer = sender.send(body_of(one.records))
                _note(sender, one) if not answer.aside else aside.update({one.path.name: [*answer.aside]})
        elif answer.aside:
            aside[together[0].path.name] = [*answer.aside]
        else:
            for one in together:
                _note(sender, one)
    return aside


def _note(sender: PushSender, one: SealedRecords) -> None:
    said = json.dumps({"sha256": one.digest, "plan": sender.plan, "at": sender.clock.now()})
    one.receipt.unlink(missing_ok=True)  # of another content
    write_once(one.receipt, said.encode())


def _key(path: Path) -> SigningKey:
    try:
        if path.stat().st_mode & 0o077:
            raise Invalid("others may read the key: chmod 600", path.name)
        seed = bytes.fromhex(path.read_text("ascii").strip())
    except OSError as error:
        raise StoreUnavailable(f"the key cannot be read ({error.strerror})") from None
    except ValueError:
        seed = b""
    if len(seed) != _SEED:
        raise Invalid("this is no key that --new-key has made", path.name)
    return SigningKey(seed)


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m shouxin.edge.push", description=__doc__)
    parser.add_argument("--new-key", type=Path, metavar="KEY", help="make a key, and print what the register needs")
    parser.add_argument("--key", type=Path, help="the key of this edge, which --new-key has made")
    parser.add_argument("--to", help="the institution's address, what stands before /push/PLAN: https://HOST")
    parser.add_argument("--plan", help="the plan under which the files were sealed, by its code")
    parser.add_argument("--ca", type=Path, help="the authority of the door's certificate, if it is not a public one")
    parser.add_argument("--tries", type=int, default=6, help="how often before it is left for later; 6 take 31 seconds")
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE", help="sealed files")
    asked = parser.parse_args(words)
    if asked.new_key is None and not (asked.key and asked.to and asked.plan and asked.files):
        parser.error("--key, --to, --plan and a FILE are needed")
    return asked


def main(words: Sequence[str] | None = None) -> int:
    """Make a key, or send files; say what is sent and what is not."""
    asked = _asked(words)
    try:
        if asked.new_key is not None:
            seed = secrets.token_bytes(_SEED)
            write_once(asked.new_key, f"{seed.hex()}\n".encode())
            sys.stdout.write(json.dumps({"push_key": SigningKey(seed).public.hex()}) + "\n")
            return 0
        address = DoorAddress.read(asked.to, asked.plan)
        sender = PushSender(address, asked.plan, _key(asked.key), asked.ca, max(1, asked.tries))
        files = [SealedRecords.read(path) for path in asked.files]
        before = [one.path.name for one in files if one.is_sent()]
        aside = push(sender, files)
    except (NotInThisState, StoreUnavailable) as error:
        sys.stderr.write(f"later: {error}\n")
        return _LATER
    except ShouxinError as error:
        sys.stderr.write(f"refused: {error}\n")
        return 1
    sent = [one.path.name for one in files if one.path.name not in {*before, *aside}]
    sys.stdout.write(json.dumps({"sent": sent, "sent_before": before, "aside": aside}) + "\n")
    return 1 if aside else 0


if __name__ == "__main__":
    sys.exit(main())
