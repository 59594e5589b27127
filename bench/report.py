"""What was measured, kept as JSON and told as a table: ``docs/benchmarks.json`` and ``docs/benchmarks.md``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.figure import AIM_MET, MISSED, MUST_MET

__all__ = ["FOLDER", "keep", "lines_of", "summary"]

FOLDER = Path(__file__).resolve().parents[1] / "docs"
_SAID = frozenset({"title", "figures", "notes", "machine", "load"})
_HEAD = "| work | ours | peer | ratio | must | aim | met? |\n| --- | --- | --- | --- | --- | --- | --- |"
_COLUMNS = ("work", "ours_text", "peer_text", "ratio_text", "must", "aim", "verdict")
_ABOUT = """# Benchmarks

Made by `python3 dev.py bench`; not edited by hand. The same in numbers: `benchmarks.json`. A figure with a *peer*
stands beside one that did like work in the same run, in turn with ours; the ratio is ours to theirs (of times and
memory less is better, of rates more). A figure without a peer is held against a plain number, or against nobody.
*must* and *aim* are the goals of the first milestone; a figure without them is context. What others did on the
machine meanwhile is said below each table: with it, a time is an upper and a rate a lower bound. Where the time goes
in those that miss a goal, and what was tried: [performance](performance.md).
"""


def _rows(name: str, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures of one benchmark; of one that returns plain numbers, a line for each."""
    if "figures" in found:
        return list(found["figures"])
    plain = ((key, value) for key, value in found.items() if key not in _SAID and isinstance(value, int | float | str))
    return [
        {"work": f"{name}: {key}", "ours_text": f"{value:,}" if isinstance(value, int) else str(value)}
        for key, value in plain
    ]


def lines_of(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    """Yield one benchmark as Markdown."""
    yield f"## {found.get('title', name)}"
    yield f"`python3 dev.py bench {name}` · {found.get('load', '')}\n"
    yield _HEAD
    for row in _rows(name, found):
        cells = [str(row.get(column, "")).replace("|", "\\|") for column in _COLUMNS]
        cells[-1] = f"**{cells[-1]}**" if cells[-1] == MISSED else cells[-1]
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield from (f"- {note}" for note in found.get("notes", ()))
    yield ""


def summary(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Say in one line how many goals were met, and name those that were not."""
    judged = [row for name, found in results.items() for row in _rows(name, found) if row.get("verdict")]
    count = Counter(row["verdict"] for row in judged)
    missed = "; ".join(
        f"{row['work']} ({row['ratio_text'] if '×' in row['must'] else row['ours_text']}, must {row['must']})"
        for row in judged
        if row["verdict"] == MISSED
    )
    met = f"{count[AIM_MET]} meet the aim, {count[MUST_MET]} the must only, {count[MISSED]} neither"
    said = f"Of {len(judged)} figures with a goal, {met}"
    return f"{said}: {missed}." if missed else f"{said}."


def keep(machine: Mapping[str, str], results: Mapping[str, Mapping[str, Any]], folder: Path = FOLDER) -> None:
    """Write both files. Results of benchmarks that did not run now stay as they were, with their own date."""
    path = folder / "benchmarks.json"
    before = json.loads(path.read_text("utf-8")) if path.exists() else {"machine": {}, "results": {}}
    every = {**before["results"], **results}
    parts = dict(machine) | {key: value for found in every.values() for key, value in found.get("machine", {}).items()}
    folder.mkdir(exist_ok=True)
    path.write_text(
        json.dumps({"machine": parts, "results": dict(sorted(every.items()))}, ensure_ascii=False, indent=1) + "\n",
        "utf-8",
    )
    text = [_ABOUT, summary(every), "\n## Machine\n", "| part | |\n| --- | --- |"]
    text += [f"| {name} | {value} |" for name, value in parts.items()]
    text.append("")
    for name in sorted(every):
        text += lines_of(name, every[name])
    path.with_suffix(".md").write_text("\n".join(text).rstrip() + "\n", "utf-8")
