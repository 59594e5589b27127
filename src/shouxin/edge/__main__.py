"""``python -m shouxin.edge``: read an address book here, and write a sealed file for the institution.

Needs no workspace and opens no connection. The applicant's own items come as JSON on standard input, so that no value
stands in a command.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from shouxin.edge.address_book import read_address_book, read_calls
from shouxin.edge.gather import gather
from shouxin.edge.invitation import read_invitation
from shouxin.edge.own_file import write_once
from shouxin.errors import Invalid, ShouxinError

__all__ = ["main"]


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m shouxin.edge", description=__doc__)
    parser.add_argument("--invitation", type=Path, required=True, help="what the institution handed over")
    parser.add_argument("--address-book", type=Path, required=True, help="a .vcf or a CSV with a header; stays here")
    parser.add_argument("--calls", type=Path, help="a call log as CSV, one call a line; stays here")
    parser.add_argument("--agreed", action="store_true", help="the person agreed separately to the matching")
    parser.add_argument("--out", type=Path, required=True, help="the sealed file (.sealed)")
    return parser.parse_args(words)


def _applicant() -> dict[str, str]:
    try:
        said = json.load(sys.stdin)
    except (ValueError, RecursionError):
        raise Invalid("standard input is no JSON object of item codes and values", "applicant") from None
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise Invalid("standard input is no JSON object of item codes and values", "applicant")
    return said


def main(words: Sequence[str] | None = None) -> int:
    """Gather one person's features; say which fields leave and which do not. Exit code 1: nothing was written."""
    asked = _asked(words)
    try:
        invitation = read_invitation(asked.invitation.read_bytes())
        book = read_address_book(asked.address_book)
        calls = read_calls(asked.calls) if asked.calls else None
        made = gather(invitation, _applicant(), book, calls, agreed=asked.agreed)
        write_once(asked.out, made.content)
    except (ShouxinError, OSError) as error:
        sys.stderr.write(f"refused: {error if isinstance(error, ShouxinError) else error.strerror}\n")
        return 1
    sys.stdout.write(json.dumps({"sent": made.sent, "dropped": made.dropped}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
