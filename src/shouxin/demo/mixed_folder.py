"""A folder as lenders have them: a table, a workbook, chats, a photographed card, a filmed interview; all fabricated.

This module needs the extra ``media``; callers import it when they need it.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import cv2

from shouxin.demo.identities import FabricatedIdentity
from shouxin.demo.specimen import bank_card, id_card, write_interview
from shouxin.errors import Misconfigured

__all__ = ["write_mixed_folder", "write_workbook"]

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_SHEET_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Final = {
    "[Content_Types].xml": f"""<Types xmlns="{_TYPES}"><Default Extension="rels"
 ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"
 ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Type="{_OFFICE}/officeDocument"
 Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="customers" sheetId="1"
 r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1"
 Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""",
}


def write_workbook(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write an Excel workbook of one sheet, every cell as text (ECMA-376 part 1, inline strings)."""
    lines = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in row) + "</row>"
        for row in rows
    )
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in {**_PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            book.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')


def write_mixed_folder(folder: Path, people: Sequence[FabricatedIdentity]) -> tuple[str, ...]:
    """Write the folder; return the names of its files.

    Raises:
        Misconfigured: this build of OpenCV cannot write a picture or a video.
    """
    folder.mkdir()
    with (folder / "export.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["cust_name", "cert_no", "phone", "card_no", "academic_year_code"])
        table.writerows([one.name, one.id_number, one.mobile, one.card_number, "2023-2024"] for one in people)
    rows = [["姓名", "手机", "邮箱", "住址"], *([one.name, one.mobile, one.email, one.address] for one in people)]
    write_workbook(folder / "customers.xlsx", rows)
    chats = [f"客户{one.name}来电，手机{one.mobile}，身份证{one.id_number}，请尽快处理。" for one in people]
    (folder / "chats.txt").write_text("\n".join(chats) + "\n", "utf-8")
    (folder / "minutes.txt").write_text("周会：第三季度放款流程不变，系统于周五升级。\n" * 20, "utf-8")
    card = id_card(people[0])
    if not cv2.imwrite(str(folder / "id-card.png"), card) or not cv2.imwrite(
        str(folder / "bank-card.jpg"), bank_card(people[1])
    ):
        raise Misconfigured("OpenCV cannot write a picture")
    write_interview(folder / "interview.mp4", card, 3.0, (1.0, 2.2))
    return tuple(sorted(path.name for path in folder.iterdir()))
