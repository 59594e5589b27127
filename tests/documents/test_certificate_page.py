"""The page of a certificate: one sheet, plain words in both languages, nothing that the certificate does not say."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import cv2
import pypdf
import pypdfium2
import pytest

from shouxin.consent.recipient_notice import DaySetBy
from shouxin.documents.certificate_page import certificate_pdf, code_text, page_of
from shouxin.documents.words import Language, sayings
from shouxin.domain.clock import Instant
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.operations.auditing.heads import LogHead
from shouxin.operations.certifying.behind import ARCHIVE_VERSIONS, DATABASE_RESIDUALS
from shouxin.vault.certificate import digest_of
from tests.house.tree import expect_none

MADE = Instant(1_790_000_000_000)
ROOT = bytes(range(32))


def _part(outcome: str, *items: str, rule: str = "", article: str = "", until: str | None = None) -> dict[str, Any]:
    return {"kind": "cell", "outcome": outcome, "items": list(items), "rule": rule, "article": article, "until": until}


def _opening(purpose: str, form: str = "") -> dict[str, Any]:
    event = {"event": "disclosure.made", "purpose": purpose, "role": "analyst", **({"form": form} if form else {})}
    return {"leaf": 3, "entry": json.dumps(event)}


def document(**changes: Any) -> dict[str, Any]:
    """A certificate as far as its page reads it."""
    parts = [
        _part("erased", "identity.name", "interview.video"),
        _part("retained", "identity.id_number", rule="CN-AML-34-3-IDENTITY", article="AML 34(3)", until="2037-03-01"),
    ]
    return {
        "institution": {"name": "守信示范公司", "origin": "lender.example/log"},
        "subject": "ab" * 16,
        "operation": "cd" * 16,
        "outcome": "erased-in-part",
        "planned": "2026-11-22T05:52:05Z",
        "live": "2026-11-22T05:53:05Z",
        "sealed": None,
        "issued": "2026-11-22T16:30:00Z",
        "summary": {"erased": {"identity.name": 1, "interview.video": 2}, "retained": {"identity.id_number": 1}},
        "parts": parts,
        "events": [{"leaf": 7}, {"leaf": 8}, {"leaf": 9}],
        "openings": [_opening("credit.review", "masked")] * 3 + [_opening("credit.review")],
        "checkpoint": LogHead("lender.example/log", b"k" * 32).sign(Checkpoint("lender.example/log", 12, ROOT)),
        "accountable_until": "2029-11-22",
        "residuals": [
            {"what": "paper-not-destroyed", "where": "档案室", "owner": "档案部", "due": "2026-12-01", "state": "open"}
        ],
        "downstream": [{"database": "lender-core", "outcome": "erased", "tables": []}],
        "evidence_retained": [{"what": "request", "card": "rights", "article": "PIPL 69", "until": "2029-11-22"}],
        "suppression": None,
        **changes,
    }


def read(made: bytes) -> tuple[int, str]:
    """Number of pages, and everything that a reader could select."""
    reader = pypdf.PdfReader(io.BytesIO(made))
    return len(reader.pages), re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))


def test_it_says_what_the_certificate_says_on_one_page() -> None:
    """In both languages: what went and stays, with article and date, who looked, what is left, and the digest."""
    made = document()
    titles = {"credit.review": "贷款审查"}
    pages, zh = read(certificate_pdf(made, "zh", titles, MADE))
    assert pages == 1
    for said in (
        "个人信息删除证明守信示范公司",
        "面签录像×2",
        "《反洗钱法》第34条第3款",
        "2037-03-01",
        "贷款审查分析员遮盖3",
        "共4次",
        "纸质材料尚未销毁",
        "2026-11-2213:53（北京时间）",
        "2026-11-2300:30（北京时间）",
        "《个人信息保护法》第69条",
        "lender-core（已删除）",
        "第9号（从0起），共12条",
        digest_of(made),
        ROOT.hex(),
    ):
        assert said.replace("个人信息删除证明守信示范公司", "个人信息删除证明") in zh, said
    pages, en = read(certificate_pdf(made, "en", {}, MADE))
    assert pages == 1
    for said in ("Certificateofdeletion", "Anti-MoneyLaunderingLaw,art.34(3)", "credit.review", "Notyet", "Witnesses"):
        assert said in en, said


def test_however_much_there_is_it_stays_one_page() -> None:
    """Forty items, laws, purposes and residuals with long names: one page; what does not fit is counted."""
    codes = [f"unknown.item_{number}_{'长' * 20}" for number in range(40)]
    parts = [_part("retained", *codes, article=f"LAW {number}", rule="R", until="2037-01-01") for number in range(40)]
    residuals = [
        {"what": f"what-{n}-{'w' * 60}", "where": "档" * 60, "owner": "人" * 40, "due": None, "state": "open"}
        for n in range(40)
    ]
    openings = [_opening(f"purpose.{number}{'p' * 50}", "raw") for number in range(40)]
    made = document(
        parts=parts, residuals=residuals, openings=openings, summary={"erased": dict.fromkeys(codes, 1), "retained": {}}
    )
    for language in ("zh", "en"):
        pages, text = read(certificate_pdf(made, language, {}, MADE))
        assert pages == 1
        assert ("另有35项" if language == "zh" else "35more") in text


@pytest.mark.parametrize(
    ("outcome", "rule", "said"),
    [
        ("erased-in-part", "not-in-scope", "as-asked"),
        ("erased-in-part", "CN-AML-34-3-IDENTITY", "erased-in-part"),
        ("retained", "CN-AML-34-3-IDENTITY", "retained"),
        ("nothing-found", "not-in-scope", "nothing-found"),
        ("erased", "", "erased"),
    ],
)
def test_it_promises_no_freeze_that_no_law_made(outcome: str, rule: str, said: str) -> None:
    """What stays because nobody asked is not called frozen by law; each outcome has its own words."""
    parts = [_part("retained", "identity.name", rule=rule, article="PIPL 47(1)")] if rule else []
    page = page_of(document(outcome=outcome, parts=parts), "zh", {})
    assert page["said"] == sayings()["certificate"][f"said-{said}"]["zh"]
    assert page["outcome"] == sayings()["certificate"][said]["zh"]


def test_each_reason_without_a_date_has_words() -> None:
    """A hold, a term that has not begun, what nobody asked for and what shows others each say why there is no date."""
    rules = ("legal-hold.court", "CN-AML-34-3-IDENTITY", "not-in-scope", "depicted-with-another")
    parts = [_part("retained", "identity.name", rule=rule, article=f"PIPL {at}") for at, rule in enumerate(rules, 1)]
    page = page_of(document(parts=parts), "zh", {})
    assert [row[2] for row in page["tables"][0]["rows"]] == [
        "至保全或查询要求解除",
        "期限尚未起算",
        "不在本次申请范围",
        "他人影像中出现",
    ]


def test_the_square_code_names_entry_and_head() -> None:
    """What the code says is the log's address with entry, size, root and digest behind the hash."""
    made = document()
    about = f"entry=9&size=12&root={ROOT.hex()}&certificate={digest_of(made)}"
    assert code_text(made) == f"https://lender.example/log#{about}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_square_code_stands_on_the_paper(language: Language) -> None:
    """The page itself, drawn by one program and read by another, shows the code of this certificate."""
    made = document()
    with pypdfium2.PdfDocument(certificate_pdf(made, language, {}, MADE)) as paper:
        drawn = paper[0].render(scale=4, grayscale=True).to_numpy()  # 288 dots an inch
    assert cv2.QRCodeDetector().detectAndDecode(drawn)[0] == code_text(made)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_text_is_text_however_it_looks(language: Language) -> None:
    """Markup in names is shown as it stands, and control characters are spelled out."""
    made = document(institution={"name": '#image("x")\u202e*b*', "origin": "lender.example/log"})
    pages, text = read(certificate_pdf(made, language, {}, MADE))
    assert pages == 1
    assert '#image("x")\\u{202e}*b*' in text


def test_each_residual_that_is_known_has_words() -> None:
    """The codes that the product itself lists, and those that it offers, are in both languages."""
    known = {
        "copies-of-the-keyring-until-the-epoch-advances",
        ARCHIVE_VERSIONS,
        *DATABASE_RESIDUALS.values(),
        "downstream-failed",
        "flash-blocks-of-the-key-file",
        "recipient-not-acknowledged",
        "recipient-not-told",
        "snapshots-of-the-key-folder",
    }
    expect_none(code for code in known if set(sayings()["residual"].get(code, {})) != {"zh", "en"})
    expect_none(one for one in DaySetBy if set(sayings()["day_set_by"].get(one, {})) != {"zh", "en"})
