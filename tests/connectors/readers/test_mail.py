from __future__ import annotations

import base64
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.connectors.readers.sources import IDS, MOBILES, items_of, scanned, unread


def test_a_letter_is_read_as_it_is_shown(tmp_path: Path) -> None:
    """Bodies out of base64, in their own characters, and what is attached: each by its part; the head too."""
    letter = EmailMessage()
    letter["Subject"] = f"call {MOBILES[0]}"
    letter.set_content(f"身份证 {IDS[0]}\n" * 20, charset="gb18030", cte="base64")
    letter.add_attachment(b"cert_no\n" + "\n".join(IDS[:50]).encode(), "text", "csv", filename="people.csv")
    (tmp_path / "a.eml").write_bytes(bytes(letter))
    assert MOBILES[1].encode() not in bytes(letter)
    report = scanned(tmp_path)
    assert items_of(report, "a.eml!head.txt") == {"contact.mobile"}
    assert items_of(report, "a.eml!part 2.txt") == {"identity.id_number"}
    assert items_of(report, "a.eml!people.csv") == {"identity.id_number"}
    assert unread(report) == {}


def test_a_letter_in_a_letter_without_end_is_told(tmp_path: Path) -> None:
    """Letters packed in letters end at the depth of archives."""
    body = f"call {MOBILES[0]}".encode()
    for _ in range(6):
        body = (
            b"Content-Type: application/octet-stream; name=in.eml\n"
            b"Content-Disposition: attachment; filename=in.eml\nContent-Transfer-Encoding: base64\n\n"
            + base64.encodebytes(body)
        )
    (tmp_path / "a.eml").write_bytes(body)
    assert [reason for reason, _ in unread(scanned(tmp_path)).values()] == ["too-deep"]


@pytest.mark.parametrize(
    ("member", "marks"),
    [
        (
            "word/document.xml",
            "<w:p><w:r><w:t>身份证号：{0}</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{1}</w:t></w:r></w:p>",
        ),
        ("ppt/slides/slide1.xml", "<a:p><a:r><a:t>身份证号：{0}</a:t></a:r><a:r><a:t>{1}</a:t></a:r></a:p>"),
        ("content.xml", "<text:p>身份证号：{0}<text:span>{1}</text:span></text:p>"),
    ],
)
def test_the_runs_of_a_paragraph_are_one_line(tmp_path: Path, member: str, marks: str) -> None:
    """A number that is half bold is one number; two paragraphs are two."""
    one = marks.format(IDS[0][:6], IDS[0][6:])
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr(member, f"<x>{one}</x>")
    with zipfile.ZipFile(tmp_path / "b.docx", "w") as archive:
        halves = "".join(f"<w:p><w:r><w:t>{half}</w:t></w:r></w:p>" for half in (IDS[0][:6], IDS[0][6:]))
        archive.writestr("word/document.xml", halves)
    report = scanned(tmp_path)
    assert items_of(report, f"a.docx!{member}") == {"identity.id_number"}
    assert items_of(report, "b.docx!word/document.xml") == set()
