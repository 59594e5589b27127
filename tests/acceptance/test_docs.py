"""The documents say what the program does, lead where they say, and are in one form.

Parts of them are made by the functions of ``tests/acceptance/made.py`` and stand between ``<!-- made: NAME -->`` and
``<!-- end -->``. To make them anew:  ``PYTHONPATH=src:. .venv/bin/python -m tests.acceptance.test_docs``
"""

from __future__ import annotations

import importlib
import re
from typing import Final

import pytest

from shouxin.consent.recipient_notice import DaySetBy
from shouxin.domain.items import taxonomy
from shouxin.keys.custody import SERVICE_NAMES
from shouxin.ledger.log import FlawKind
from shouxin.operations.certifying.behind import ARCHIVE_VERSIONS, DATABASE_RESIDUALS
from shouxin.storage.key_file import KeyFile
from shouxin.vault.certificate import ANSWERED, BASE_ATTESTED, PROVED
from tests.acceptance.documents import DOCS, FENCE, LINK, SPAN, documents
from tests.acceptance.made import MADE
from tests.house.tree import PACKAGE, ROOT, expect_none

_MADE: Final = re.compile(r"<!-- made: (\S+) -->\n(.*?)<!-- end -->", re.DOTALL)


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_from_the_code_is_up_to_date(name: str) -> None:
    """Every generated part stands in some document, and says what the code says today."""
    found = [body for text in documents().values() for made, body in _MADE.findall(text) if made == name]
    assert found, f"no document holds the part {name}"
    assert found == [MADE[name]()] * len(found), "run  PYTHONPATH=src:. .venv/bin/python -m tests.acceptance.test_docs"


def test_no_document_names_a_part_that_nobody_makes() -> None:
    """A marker without a maker would never be checked."""
    expect_none(
        f"{path}: {name}" for path, text in documents().items() for name, _ in _MADE.findall(text) if name not in MADE
    )


def test_every_link_leads_somewhere() -> None:
    """A relative link names a file that is there, and a heading that the file has."""
    faults: list[str] = []
    for name, text in documents().items():
        for target in LINK.findall(FENCE.sub("", text)):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            path = (ROOT / name).parent / file if file else ROOT / name
            if not path.exists():
                faults.append(f"{name}: {target}")
            elif anchor and anchor not in _anchors(path.read_text("utf-8")):
                faults.append(f"{name}: {target}: no such heading")
    expect_none(faults)


def _anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_document_is_reached_from_the_readme() -> None:
    """Nothing is written that nobody finds."""
    reached, waiting = set[str](), ["README.md"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        for target in LINK.findall(documents()[name]):
            path = ((ROOT / name).parent / target.partition("#")[0]).resolve()
            one = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
            if one in documents() and one not in reached:
                waiting.append(one)
    expect_none(set(documents()) - reached)


def test_the_glossary_names_code_that_exists() -> None:
    """Each ``room.module.Name`` in the glossary can be imported."""
    faults: list[str] = []
    spans = SPAN.findall(documents()["docs/glossary.md"])
    names = [one for one in spans if re.fullmatch(r"[a-z_]+(\.\w+)+", one) and one not in taxonomy().items]
    assert len(names) > 25
    for name in names:
        module, _, member = f"shouxin.{name}".rpartition(".")
        try:
            getattr(importlib.import_module(module), member)
        except (ImportError, AttributeError):
            try:
                importlib.import_module(f"shouxin.{name}")
            except ImportError:
                faults.append(name)
    expect_none(faults)


def test_bad_days_have_a_line_for_whatever_verify_finds() -> None:
    """Every kind of flaw is explained; so are the residuals that a certificate lists."""
    days, certificates = documents()["docs/bad-days.md"], documents()["docs/certificates.md"]
    expect_none(kind.value for kind in FlawKind if f"`{kind.value}`" not in days)
    residuals = KeyFile(ROOT, None).residuals()  # type: ignore[arg-type]  # asks nothing of the suite
    codes = {ARCHIVE_VERSIONS, *DATABASE_RESIDUALS.values(), *(one.code for one in residuals)}
    expect_none(code for code in codes if f"`{code}`" not in certificates)
    expect_none(one for one in DaySetBy if f"`{one}`" not in certificates)
    text = (PACKAGE / "operations" / "certifying" / "certify.py").read_text("utf-8")
    more = re.findall(r'^    "[a-z_]+": "([a-z-]{12,})",$', text, re.MULTILINE)
    assert len(more) >= 3
    codes = [*PROVED, ANSWERED, *BASE_ATTESTED, *more]
    expect_none(code for code in codes if f"`{code}`" not in certificates)


def test_the_threat_model_names_every_key_of_the_institution() -> None:
    """What the institution holds keys for is listed with what each one opens."""
    expect_none(name for name in SERVICE_NAMES if f"`{name}`" not in documents()["docs/threat-model.md"])


def test_decisions_are_recorded_in_one_form() -> None:
    """Records are numbered without a gap and say context, decision, what lost, and what would reopen it."""
    found = sorted((DOCS / "adr").glob("*.md"))
    assert [path.name[:4] for path in found] == [f"{number:04}" for number in range(1, len(found) + 1)]
    heads = ["Context", "Decision", "What lost, and why", "What would reopen it"]
    expect_none(path.name for path in found if re.findall(r"^## (.+)$", path.read_text("utf-8"), re.MULTILINE) != heads)


def _write() -> None:
    """Make every generated part anew."""
    for name, text in documents().items():
        made = _MADE.sub(lambda found: f"<!-- made: {found[1]} -->\n{MADE[found[1]]()}<!-- end -->", text)
        if made != text:
            (ROOT / name).write_text(made, "utf-8")
            print(f"{name} is made anew")


if __name__ == "__main__":
    _write()
