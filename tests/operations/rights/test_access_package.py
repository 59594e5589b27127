from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from shouxin.domain.identifiers import SubjectId, show
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Fenced, Invalid, NotFound, NotInThisState, Refused
from shouxin.keys.passphrase import new_passphrase
from shouxin.operations.account_for import account_for
from shouxin.operations.correct import correct
from shouxin.operations.erasing.erase import erase
from shouxin.operations.rights import access_package
from shouxin.operations.rights.access_package import SealedPackage, make_package, open_package
from shouxin.operations.rights.answer import Said, fulfil
from shouxin.operations.rights.handle import get_right
from shouxin.operations.subjects import freeze, merge
from shouxin.rights.kinds import RightKind
from shouxin.rights.transitions import RightState
from tests.operations.portfolio import JOB, Lender, contact_of, values_of
from tests.operations.rights.counter import WROTE, counter, files, handled
from tests.workspaces import audited


def _packed(bank: Lender, number: int) -> tuple[SealedPackage, dict[str, Any], str]:
    """Answer a request for a copy; return the package, its document and its readable page."""
    right = handled(bank, files(bank, RightKind.COPY, bank.people[number]))
    made = make_package(bank.workspace, bank.tokens["rights_desk"], right)
    inside = open_package(made.file, made.passphrase)
    assert inside.files["personal-information.html"].decode() == inside.page
    document: dict[str, Any] = json.loads(inside.files["personal-information.json"])
    assert fulfil(bank.workspace, bank.tokens["rights_desk"], right, Said()).state is RightState.FULFILLED
    return made, document, inside.page


def _values(document: dict[str, Any]) -> dict[str, str]:
    return {one["item"]: one["value"] for one in document["kept"] if "value" in one}


def test_everything_kept_is_in_it_and_nothing_of_anybody_else(tmp_path: Path) -> None:
    """Each value with purpose, since when and until when; openings with proofs; the contact is counted, not named."""
    bank = counter(tmp_path)
    bank.take([1, 2], contact=True)
    film = bank.film(bank.people[1])
    made, document, page = _packed(bank, 1)
    mine = {str(item): value.text() for item, value in values_of(1).items()}
    assert _values(document) == dict([*mine.items(), ("rights.statement", WROTE)])
    job = next(one for one in document["kept"] if one["item"] == "account.card_number")
    assert (job["purpose"], job["kept_by"], job["kept_until"]) == ("loan.file", "AML 34(3)", "2037-03-01")
    (stated,) = document["statements"]
    assert (stated["item"], stated["about_person"]) == ("emergency.relation", 1)
    assert stated["value"] == contact_of(1)[1][stated["item"]].text()
    others = {value.text() for value in (*values_of(2).values(), *contact_of(1)[0].values.values())}
    text = json.dumps(document, ensure_ascii=False) + page
    assert not [one for one in others if one in text]
    assert all(value in page for value in mine.values())
    assert [one["bytes"] for one in document["kept"] if one["item"] == "interview.video"]
    assert [(one["item"], one["why"]) for one in document["left_out"]] == [
        ("interview.video", "handed-over-as-a-file-of-its-own")
    ]
    assert film
    assert {one["purpose"] for one in document["purposes"]} >= {"customer.file", "loan.file", "interview.video"}
    assert {one["purpose"] for one in document["agreements"]} >= {"customer.file", "interview.video"}
    leaves = [one["leaf"] for one in document["used"]]
    assert made.leaf in leaves
    assert all(one["proof"]["proof"].startswith("c2sp.org/tlog-proof@v1") for one in document["used"])
    assert audited(bank.workspace).flaws == []


def test_the_page_speaks_to_the_person_in_words_not_codes(tmp_path: Path) -> None:
    """Purposes by their cards' titles, grounds, forms, roles, items and reasons in the language of each half."""
    bank = counter(tmp_path)
    bank.take([1], contact=True)
    bank.film(bank.people[1])
    _made, document, page = _packed(bank, 1)
    chinese, english = page.split("<hr>")
    codes = {one["purpose"] for one in (*document["purposes"], *document["used"], *document["kept"])}
    codes |= {one["item"] for one in (*document["kept"], *document["left_out"])}
    codes |= {item for one in document["used"] for item in one["items"]}
    codes |= {one["why"] for one in document["left_out"]} | {one["form"] for one in document["used"]}
    codes |= {one["role"] for one in document["used"]} | {one["lawful_basis"] for one in document["purposes"]}
    assert {"rights.access", "raw", "rights_desk", "identity.id_number", "consent"} <= codes
    shown = {half: set(re.split(r"[<>、(（）)]+|, ", text)) for half, text in (("zh", chinese), ("en", english))}
    assert codes & shown["zh"] == set()
    untitled = {one["purpose"] for one in document["purposes"]}  # these cards of the tests have no other English title
    assert {one for one in codes & shown["en"] if re.search(r"[._-]", one)} <= untitled
    for told in (
        "原值",
        "权利响应专员",
        "身份证件号码",
        "《个人信息保护法》第",
        "其中没有保存的，并没有被看到",
        "✓ 同意",
    ):
        assert told in chinese
    assert "✓ 同意" not in english
    assert "what was not held was not shown" in english


def test_it_is_one_disclosure_like_any_other(tmp_path: Path) -> None:
    """Recorded for the person, under its own purpose, raw; the request names its leaf."""
    bank = counter(tmp_path)
    bank.take([1])
    desk = bank.tokens["rights_desk"]
    right = handled(bank, files(bank, RightKind.ACCESS, bank.people[1]))
    before = {one.leaf for one in account_for(bank.workspace, desk, bank.people[1])}
    made = make_package(bank.workspace, desk, right)
    (fresh,) = [one for one in account_for(bank.workspace, desk, bank.people[1]) if one.leaf not in before]
    assert fresh.leaf == made.leaf
    assert (fresh.event.facts["purpose"], fresh.event.facts["form"]) == ("rights.access", "raw")
    assert get_right(bank.workspace, desk, right).request.packages == (made.leaf,)


def test_only_its_passphrase_opens_it_and_nothing_of_it_stays(tmp_path: Path) -> None:
    """Another passphrase opens nothing, each package has its own, and no file of the workspace has either."""
    bank = counter(tmp_path)
    bank.take([1])
    desk = bank.tokens["rights_desk"]
    right = handled(bank, files(bank, RightKind.PORT, bank.people[1]))
    made, again = (make_package(bank.workspace, desk, right) for _ in range(2))
    assert made.passphrase != again.passphrase
    for words in (new_passphrase(), again.passphrase):
        with pytest.raises(Invalid, match="not its passphrase"):
            open_package(made.file, words)
    assert values_of(1)[JOB].text() not in made.file
    plain = made.passphrase.replace("-", "").encode()
    held = b"".join(path.read_bytes() for path in bank.home.rglob("*") if path.is_file())
    assert plain not in held
    assert made.passphrase.encode() not in held


def test_nobody_gets_a_copy_who_was_not_identified(tmp_path: Path) -> None:
    """Before the check, for another kind of request, after the end, by another role: nothing is opened or recorded."""
    bank = counter(tmp_path)
    bank.take([1])
    desk = bank.tokens["rights_desk"]
    right = files(bank, RightKind.ACCESS, bank.people[1])
    before = len(account_for(bank.workspace, desk, bank.people[1]))
    with pytest.raises(NotInThisState):
        make_package(bank.workspace, desk, right)
    with pytest.raises(Refused):
        make_package(bank.workspace, desk, handled(bank, files(bank, RightKind.RESTRICT, bank.people[1])))
    handled(bank, right)
    with pytest.raises(Refused):
        make_package(bank.workspace, bank.tokens["analyst"], right)
    assert len(account_for(bank.workspace, desk, bank.people[1])) == before
    make_package(bank.workspace, desk, right)
    fulfil(bank.workspace, desk, right, Said())
    with pytest.raises(NotInThisState):
        make_package(bank.workspace, desk, right)


def test_what_is_frozen_disputed_merged_or_named_by_others_is_told(tmp_path: Path) -> None:
    """A frozen person gets their copy; marks stand in it; records that are one person's come together."""
    bank = counter(tmp_path)
    bank.take([1, 2])
    bank.take([3], contact=True)
    files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job")
    correct(bank.workspace, bank.tokens["rights_desk"], bank.people[1], {JOB: Plaintext.of("<b>鹿鸣木匠</b>")})
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[1])
    _, document, page = _packed(bank, 1)
    job = next(one for one in document["kept"] if one["item"] == "employment.job")
    assert (job["value"], job["disputed"], document["state"]) == ("<b>鹿鸣木匠</b>", True, "frozen")
    assert "<b>鹿鸣木匠" not in page
    assert "&lt;b&gt;鹿鸣木匠" in page
    assert page.count("<mark>存在异议</mark>") == page.count("<mark>disputed</mark>") == 1
    merge(bank.workspace, bank.tokens["dpo"], bank.people[2], bank.people[3])
    _, document, _ = _packed(bank, 2)
    names = [one["value"] for one in document["kept"] if one["item"] == "identity.name"]
    assert sorted(names) == [values_of(number)["identity.name"].text() for number in (2, 3)]  # type: ignore[index]
    assert document["subject"] == show(SubjectId, bank.people[3])
    (bank.people[9],) = bank.find_contact(3)
    _, document, _ = _packed(bank, 9)
    assert {(one["item"], one["why"]) for one in document["left_out"]} == {
        ("emergency.relation", "said-by-somebody-else")
    }


def test_the_readable_page_speaks_both_languages_and_runs_nothing(tmp_path: Path) -> None:
    """The same facts twice, no script, no address, titles as the taxonomy has them."""
    bank = counter(tmp_path)
    bank.take([1])
    _, _, page = _packed(bank, 1)
    for words in ("保存的信息", "What is kept", "银行卡号", "Card number", "第六十五条", "PIPL 65"):
        assert words in page
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=", page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize("meanwhile", ["erased", "erased in part", "corrected", "merged"])
def test_a_copy_that_is_on_its_way_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: str) -> None:
    """Whatever goes between opening and handing out, nobody gets the file and the request says that none was made."""
    bank = counter(tmp_path)
    bank.take([1, 2], customer=False)
    who, dpo, desk = bank.people[1], bank.tokens["dpo"], bank.tokens["rights_desk"]
    right = handled(bank, files(bank, RightKind.COPY, who))
    real = access_package.disclose_each
    happens = {
        "erased": lambda: erase(bank.workspace, dpo, who),
        "erased in part": lambda: erase(bank.workspace, dpo, who, {"loan.file"}),
        "corrected": lambda: correct(bank.workspace, dpo, who, {JOB: Plaintext.of("x")}),
        "merged": lambda: merge(bank.workspace, dpo, bank.people[2], who),
    }

    def interrupted(*given: Any) -> Any:
        opened = real(*given)
        happens[meanwhile]()
        return opened

    with monkeypatch.context() as patched:
        patched.setattr(access_package, "disclose_each", interrupted)
        with pytest.raises((NotFound, Fenced)):
            make_package(bank.workspace, desk, right)
    assert get_right(bank.workspace, dpo, right).request.packages == ()
    if meanwhile != "erased":
        assert make_package(bank.workspace, desk, right).file
        assert len(get_right(bank.workspace, dpo, right).request.packages) == 1
