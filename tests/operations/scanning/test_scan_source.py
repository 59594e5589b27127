from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from shouxin.connectors.readers.files import BucketFiles, FolderFiles
from shouxin.connectors.readers.notes_file import NotesFile
from shouxin.detection.columns import Certainty
from shouxin.detection.finding import NAMES
from shouxin.detection.foreign import with_recognisers
from shouxin.detection.survey.evidence import ScanReport
from shouxin.detection.survey.grading import judge_place
from shouxin.detection.survey.reading import Piece, Sampling, Spot, Unread
from shouxin.errors import Invalid
from shouxin.operations.scanning import scan_source as scanning
from shouxin.operations.scanning.scan_source import read_report, scan_source, written
from tests.connectors.readers.sources import CARDS, IDS, MOBILES, Still, items_of, place_of, scanned, table
from tests.detection.test_foreign import ByPattern


class _Cut:
    """A source that fails at its n-th piece, as a process does that is killed."""

    def __init__(self, path: Path, pieces: int) -> None:
        self._inner, self._left, self.name = FolderFiles(path), pieces, path.name
        self.identity = self._inner.identity

    def describe(self) -> Iterator[Spot | Unread]:
        for one in self._inner.describe():
            yield one if isinstance(one, Unread) else _CutSpot(self, one)

    def count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt

    def close(self) -> None:
        self._inner.close()


class _CutSpot:
    def __init__(self, source: _Cut, inner: Spot) -> None:
        self._source, self._inner = source, inner
        self.place, self.size, self.stamp = inner.place, inner.size, inner.stamp
        self.starts: list[int] = []

    def read(self, sampling: Sampling, at: int) -> Iterator[Piece]:
        for piece in self._inner.read(sampling, at):
            self._source.count()
            yield piece


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "a.csv").write_text(table(), "utf-8")
    lines = "".join(f"user {mobile} paid {card}\n" for mobile, card in zip(MOBILES, CARDS, strict=True))
    (folder / "b.log").write_text(lines * 600, "utf-8")
    (folder / "c.bin").write_bytes(bytes(range(256)) * 9)
    (folder / "d.gz").write_bytes(gzip.compress("\n".join(IDS).encode()))
    return folder


@pytest.mark.parametrize("pieces", [0, 2, 5, 13])
def test_a_scan_that_goes_on_answers_as_if_it_had_not_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pieces: int
) -> None:
    """Stopped between any two pieces, also in the middle of a long text: the same report, byte for byte."""
    monkeypatch.setattr(scanning, "_MIDWAY", 2 << 20)
    folder, notes = _folder(tmp_path), NotesFile(tmp_path / "notes")
    whole = scanned(folder)
    with pytest.raises(KeyboardInterrupt):
        scan_source(_Cut(folder, pieces), Still(), notes=notes)
    notes.close()
    report = scan_source(FolderFiles(folder), Still(), notes=notes, resume=True)
    notes.close()
    assert written(report) == written(whole)
    assert len(report.places) == 3


def test_what_was_finished_is_not_read_again(tmp_path: Path) -> None:
    """Unchanged spots come from the notes; one that changed is read anew; a torn last line is no harm."""
    folder, path = _folder(tmp_path), tmp_path / "notes"
    notes = NotesFile(path)
    scanned(folder, notes=notes)
    notes.close()
    with path.open("ab") as file:
        file.write(b'{"place":"d.g')
    report = scan_source(_Cut(folder, 0), Still(), notes=notes, resume=True)
    notes.close()
    assert len(report.places) == 3
    (folder / "d.gz").write_bytes(gzip.compress("\n".join(CARDS).encode()))
    changed = scanned(folder, notes=notes, resume=True)
    notes.close()
    assert items_of(changed, "d.gz!d") == {"account.card_number"}


def test_notes_of_another_scan_are_refused(tmp_path: Path) -> None:
    """Another sampling is another scan."""
    folder, notes = _folder(tmp_path), NotesFile(tmp_path / "notes")
    scanned(folder, notes=notes)
    notes.close()
    with pytest.raises(Invalid, match="another scan"):
        scanned(folder, notes=notes, resume=True, sampling=Sampling(99))
    notes.close()


def test_neither_report_nor_notes_hold_a_value(tmp_path: Path) -> None:
    """No number of anybody, in the table, the text, the archive or a name; what was asked for masked is masked."""
    folder, path = _folder(tmp_path), tmp_path / "notes"
    (folder / f"{MOBILES[1]}.txt").write_text(f"call {MOBILES[0]}", "utf-8")
    notes = NotesFile(path)
    report = scanned(folder, notes=notes, examples=True)
    notes.close()
    kept = written(report) + path.read_bytes()
    assert b"mobile" in kept
    assert not [value for value in (*MOBILES, *IDS, *CARDS) if value.encode() in kept]
    assert report.examples["b.log"]["mobile"][0] == f"{MOBILES[0][:3]}****{MOBILES[0][-4:]}"
    assert report.examples["a.csv"]["card_no"][0] == f"****{CARDS[0][-4:]}"
    assert not scanned(folder).examples


def test_a_report_is_read_back(tmp_path: Path) -> None:
    """As it was, alone or within a larger object; anything else is refused."""
    report = scanned(_folder(tmp_path))
    assert read_report(written(report)) == report
    assert read_report(b'{"scan": ' + written(report) + b', "more": 1}') == report
    for data in (b"", b"[]", b'{"scan": 1}', written(ScanReport("s", format="other/1"))):
        with pytest.raises(Invalid):
            read_report(data)


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    """It is told the whole first, never goes back, and ends at the whole."""
    told: list[int] = []
    totals: list[int] = []

    def begin(total: int) -> object:
        totals.append(total)
        return told.append

    scanned(_folder(tmp_path), begin=begin)
    assert told == sorted(told)
    assert told[-1] == totals[0] == sum(path.stat().st_size for path in (tmp_path / "source").iterdir())


def test_a_bucket_reads_like_a_folder(tmp_path: Path) -> None:
    """The same evidence through the object store; credentials in a URL are refused."""
    folder = _folder(tmp_path)
    bucket = scan_source(BucketFiles(f"file://{folder}"), Still())
    assert bucket.places == scanned(folder).places
    with pytest.raises(Invalid, match="credentials"):
        scan_source(BucketFiles("s3://key:secret@bucket/x"), Still())


def test_there_is_no_such_source(tmp_path: Path) -> None:
    """A path that is not there is an error, not an empty report."""
    with pytest.raises(Invalid):
        FolderFiles(tmp_path / "nothing")


def test_names_are_looked_for_where_asked(tmp_path: Path) -> None:
    """A column without a name, a remark and a log; not one name in a text of nothing else; the report says it did."""
    folder = tmp_path / "source"
    folder.mkdir()
    people = "欧阳文静 张志强 李秀兰 王建国 陈晓燕 刘德明".split()
    rows = [f"{one},客户{one}说下周还款,安居贷,{'正常' if at else '逾期'}" for at, one in enumerate(people)] * 20
    (folder / "a.csv").write_text("\n".join(["c1,c2,c3,c4", *rows]), "utf-8")
    (folder / "b.txt").write_text("\n".join(f"已联系借款人{one}，答应还款" for one in people), "utf-8")
    (folder / "c.txt").write_text("本产品由杭州团队开发，张志强负责维护。", "utf-8")
    report = scanned(folder, names=True)
    assert report.names == NAMES
    assert items_of(report, "a.csv") == {"identity.name"}
    columns = {one.name: one for one in judge_place(place_of(report, "a.csv")).columns}
    assert (columns["c1"].certainty, columns["c2"].certainty) == (Certainty.LIKELY, Certainty.CONTAINS)
    assert columns["c3"].items == columns["c4"].items == ()
    assert items_of(report, "b.txt") == {"identity.name"}
    assert place_of(report, "c.txt").text.found  # type: ignore[union-attr]
    assert not items_of(report, "c.txt")
    without = scanned(folder)
    assert not without.names
    assert not [item for one in without.places for item in judge_place(one).items]


def test_a_scan_with_names_does_not_go_on_without(tmp_path: Path) -> None:
    """Else half of a report would say that there are no names."""
    folder, notes = _folder(tmp_path), NotesFile(tmp_path / "notes")
    scanned(folder, notes=notes, names=True)
    notes.close()
    with pytest.raises(Invalid, match="another scan"):
        scanned(folder, notes=notes, resume=True)
    again = scanned(folder, notes=notes, resume=True, names=True)
    notes.close()
    assert again == scanned(folder, names=True)


def test_recognisers_of_others_look_too(tmp_path: Path) -> None:
    """Beside ours; the report says whose, and another scan does not go on from it."""
    (tmp_path / "a.txt").write_text("badge ZZ-1 and ZZ-2", "utf-8")
    badges = ("badges-1", lambda own: with_recognisers(own, [ByPattern("UK_NINO", r"ZZ-\d", 1.0)]))
    report = scanned(tmp_path, beside=badges)
    assert report.others == "badges-1"
    assert items_of(report, "a.txt") == {"identity.id_number"}
    assert not items_of(scanned(tmp_path), "a.txt")
