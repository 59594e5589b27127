"""Plans and sources for tests: a lender's own system, a partner's, and a plan for the card of ``workspaces.CARD``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from shouxin.actors.account import Token
from shouxin.detection.checksums import id_number_check_character
from shouxin.operations.collecting.plan_row import StandingPlan
from shouxin.operations.collecting.plans import approve_plan, propose_plan
from shouxin.operations.collecting.sources import register_source
from shouxin.operations.workspace import Workspace
from shouxin.policy.source import read_source
from tests import workspaces

SOURCE: Final = """\
source = "branch"
kind = "file"
title = "The branch's applications"
audit_due = 2099-12-31
own = true
"""

PLAN: Final = """\
code = "applications"
source = "branch"
purposes = ["credit.review"]
need = "To decide on applications."
mode = "copy"
items = ["identity.name", "identity.id_number", "contact.mobile", "credit.amount"]
frequency = "any"
volume = 1000
days = 30
retention_days = 90
purge_days = 7
responsible = "dpo"

[design]
route = "A file each evening."
milestones = [{ title = "first file", due = 2099-01-31 }]
"""


def approved(workspace: Workspace, text: str = PLAN, source: str = SOURCE) -> tuple[Token, StandingPlan]:
    """Register ``source``, and have ``text`` proposed by the collector and approved; return the collector's token."""
    collector, dpo = workspaces.signed_in(workspace, "collector"), workspaces.signed_in(workspace, "dpo")
    register_source(workspace, dpo, read_source(source))
    code = propose_plan(workspace, collector, text).code
    approve_plan(workspace, workspaces.signed_in(workspace, "approver"), code)
    return collector, approve_plan(workspace, dpo, code)


def person_line(number: int) -> str:
    """Return a CSV line of an invented applicant with a valid identity number."""
    body = f"110105{1900 + number // 1000}1231{number % 1000:03}"
    return f"张三{number:03},{body}{id_number_check_character(body)},1380000{number:04},{5000 + number}"


HEAD: Final = "identity.name,identity.id_number,contact.mobile,credit.amount"


def file_of(path: Path, numbers: range, head: str = HEAD, more: str = "") -> Path:
    """Write a CSV file of invented applicants and return its path."""
    lines = [head, *(person_line(number) + more for number in numbers)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def files_hold(workspace_home: Path, *words: str) -> list[str]:
    """Return those of ``words`` that some file of a workspace holds in the clear."""
    content = b"".join(path.read_bytes() for path in sorted(workspace_home.rglob("*")) if path.is_file())
    return [word for word in words if word.encode() in content]
