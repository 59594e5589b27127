from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from shouxin.bootstrap import verifier_script
from shouxin.domain.identifiers import OperationId, OrderId, RequestId, SubjectId, show
from shouxin.ledger.entry import decode
from shouxin.operations.account_for import account_for
from shouxin.operations.deletion.decide import agree_order, show_order, submit_order
from shouxin.operations.opening.approve import get_request
from shouxin.operations.person_page import issue_pass
from shouxin.operations.staff.second_factor import enrol_second_factor
from shouxin.vault.certificate import check
from tests import recorded
from tests.operations.portfolio import ID_NUMBER, NAME, card, values_of
from tests.telephone import code_of
from tests.web.scene import Place, scene
from tests.web.served import Visitor, served
from tests.workspaces import PASSPHRASE, adopt

PAGES = ("/sign-in", "/inbox", "/pass", "/person", "/person/enter", "/verify", "/static/pages.css", "/nowhere")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A scene of its own, served."""
    made = scene(tmp_path)
    with served(made.house.bank.workspace) as port:
        yield Place(made, port)


def test_every_answer_is_shut_in(place: Place) -> None:
    """Whatever is asked: nothing from elsewhere, no frame, no cache, no referrer; scripts on one page only."""
    visitor = place.visitor()
    for path in PAGES:
        headers = visitor.send("GET", path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none';"), path
        assert ("script-src 'self'" in policy) is (path == "/verify"), path
        assert "unsafe" not in policy
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer"), path
        assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("DENY", "nosniff"), path
        assert "server" not in headers
    assert "connect-src 'none'" in visitor.get("/verify").headers["content-security-policy"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8470", "127.0.0.1.evil.example", "", "10.0.0.1"])
def test_another_host_is_not_answered(place: Place, host: str) -> None:
    """A name that a name server made to mean this machine (DNS rebinding) gets nothing."""
    visitor = place.visitor()
    assert visitor.send("GET", "/verify", Host=host or "x").status == 421
    assert visitor.send("GET", "/verify", Host=f"localhost:{place.port}").status == 200


def test_a_named_host_is_answered_and_its_cookie_asks_for_tls(tmp_path: Path) -> None:
    """Behind a proxy a name is said when starting; what its browser holds travels over TLS only."""
    with served(scene(tmp_path).house.bank.workspace, "shouxin.lender.example") as port:
        answer = Visitor(port).send("GET", "/sign-in", Host="shouxin.lender.example")
        assert answer.status == 200
        cookie = answer.headers["set-cookie"]
        assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"))
        assert Visitor(port).send("GET", "/sign-in", Host="other.example").status == 421


def test_the_cookie_says_nothing_and_changes_with_signing_in(place: Place) -> None:
    """No script reads it, no other site sends it, the token is not in it, and none from before is good afterwards."""
    visitor = place.visitor()
    visitor.get("/sign-in")
    before = visitor.cookies["shouxin"]
    answer = visitor.sign_in("approver", PASSPHRASE)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "sgn_" not in cookie
    assert visitor.cookies["shouxin"] != before
    assert Visitor(place.port, cookies={"shouxin": before}).send("GET", "/inbox").status == 303
    held = dict(visitor.cookies)
    assert visitor.post("/sign-out", page="/inbox").status == 303
    assert Visitor(place.port, cookies=held).send("GET", "/inbox").headers["location"].startswith("/sign-in")


def test_signing_in_is_shut_after_five_wrong_passphrases(place: Place) -> None:
    """The account's own lock-out holds here too, and a wrong name is told in the same words."""
    visitor = place.visitor()
    answers = [visitor.sign_in("approver", "not the passphrase") for _ in range(5)]
    assert {answer.status for answer in answers} == {401}
    assert visitor.sign_in("approver", PASSPHRASE).status == 401
    unknown = visitor.sign_in("nobody", "not the passphrase")
    assert unknown.plain() == answers[0].plain()


def test_a_form_without_its_token_does_nothing(place: Place) -> None:
    """No token, another browser's token, another site: refused, and the order stays as it was."""
    visitor, other = place.visitor("approver"), place.visitor("approver.2")
    path = f"/orders/{show(OrderId, place.scene.one)}/agree"
    foreign = other.get(path).form_token()
    assert visitor.post(path, token="").status == 403
    assert visitor.post(path, token="0" * 64).status == 403
    assert visitor.post(path, token=foreign).status == 403
    token = visitor.get(path).form_token()
    kind = "application/x-www-form-urlencoded"
    for elsewhere in (
        {"Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "null", "Sec_Fetch_Site": "cross-site"},
    ):
        assert visitor.send("POST", path, f"form_token={token}", Content_Type=kind, **elsewhere).status == 403
    bank = place.scene.house.bank
    assert show_order(bank.workspace, bank.tokens["dpo"], place.scene.one).order.agreements == ()
    ours = {"Origin": "null", "Sec_Fetch_Site": "same-origin"}
    assert visitor.send("POST", path, f"form_token={token}", Content_Type=kind, **ours).status == 303


def test_a_form_is_small(place: Place) -> None:
    """Nobody fills the memory with one."""
    assert place.visitor().send("POST", "/sign-in", "x" * 100_000).status == 413


def test_the_order_shows_what_it_would_do_and_is_agreed_to(place: Place) -> None:
    """Counts by item, what stays by article and until when, a sample; then a question, and the order cools off."""
    visitor = place.visitor("approver")
    order = show(OrderId, place.scene.one)
    assert order in visitor.get("/inbox").text
    shown = visitor.get(f"/orders/{order}").plain()
    for text in ("Occupation 1", "Anti-Money Laundering Law, art. 34(3) 2", "approver 0 of 1", "Until 2037-03-01"):
        assert text in shown
    assert show(SubjectId, place.scene.house.bank.people[1]) in shown
    assert "Do you agree?" in visitor.get(f"/orders/{order}/agree").plain()
    assert visitor.post(f"/orders/{order}/agree").status == 303
    after = visitor.get("/inbox").plain()
    assert "You agreed to the order." in after
    assert "You agreed to the order." not in visitor.get("/inbox").plain()
    bank = place.scene.house.bank
    assert show_order(bank.workspace, bank.tokens["dpo"], place.scene.one).order.state == "cooling"
    again = visitor.post(f"/orders/{order}/agree", page="/inbox")
    assert (again.status, "has agreed already" in again.plain()) == (403, True)


def test_a_request_is_agreed_to_and_refused(place: Place) -> None:
    """Access takes two levels here: the approver agrees, the data-protection officer refuses."""
    request = show(RequestId, place.scene.request)
    visitor = place.visitor("approver")
    shown = visitor.get(f"/requests/{request}").plain()
    assert "Access (raw)" in shown
    assert "Mobile" in shown
    assert visitor.post(f"/requests/{request}/agree").status == 303
    assert "It does not wait for you now." in visitor.get(f"/requests/{request}").plain()
    officer = place.visitor("dpo")
    assert officer.post(f"/requests/{request}/refuse").status == 303
    bank = place.scene.house.bank
    assert get_request(bank.workspace, bank.tokens["dpo"], place.scene.request).request.state == "denied"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("Refused", "nobody decides about their own request", "Personal Information Protection Law, art. 51(1)(4)"),
        ),
        ("zh", ("已被拒绝", "不能审批自己的申请", "《个人信息保护法》第51条第1款第4项")),
    ],
)
def test_ones_own_order_is_refused_with_its_article(place: Place, language: str, words: tuple[str, ...]) -> None:
    """Whoever drafted it may press the button, and is told why not, in their language."""
    visitor = place.visitor("rights_desk", language)
    answer = visitor.post(f"/orders/{show(OrderId, place.scene.one)}/agree")
    assert answer.status == 403
    assert all(word in answer.plain() for word in words), answer.plain()


def test_whom_it_does_not_concern_sees_nothing(place: Place) -> None:
    """An analyst finds no order, a collector not even the request; without a sign-in there is only the way to it."""
    order, request = show(OrderId, place.scene.one), show(RequestId, place.scene.request)
    assert place.visitor("analyst.2").get(f"/orders/{order}").status == 404
    assert place.visitor("collector").get(f"/requests/{request}").status == 403
    assert order not in place.visitor("collector").get("/inbox").text
    answer = place.visitor().send("GET", f"/orders/{order}")
    assert answer.status == 303
    assert answer.headers["location"].startswith("/sign-in?to=%2Forders")


def test_a_bulk_order_is_confirmed_by_number_and_code(tmp_path: Path) -> None:
    """Another number, a wrong code, then both right: only the last makes it cool off."""
    made = scene(tmp_path)
    bank = made.house.bank
    address = enrol_second_factor(bank.workspace, bank.tokens["dpo.2"], PASSPHRASE)
    made.house.clock.on(minutes=5)
    bulk = made.house.drafted(made.house.wanted(*(bank.people[number] for number in (2, 3, 4))))
    submit_order(bank.workspace, made.house.desk, bulk)
    for name in ("approver", "approver.2", "dpo"):
        agree_order(bank.workspace, bank.tokens[name], bulk)
    with served(bank.workspace) as port:
        visitor = Visitor(port)
        visitor.sign_in("dpo.2", PASSPHRASE)
        page = f"/orders/{show(OrderId, bulk)}"
        shown = visitor.get(page).plain()
        assert "Second confirmation" in shown
        assert "This deletes 3 people" in shown
        for number in (2, 3, 4):
            who, real = bank.people[number], values_of(number)
            told = bank.masked(who)[who]
            assert told[NAME] in shown
            assert told[ID_NUMBER] in shown
            assert real[ID_NUMBER].text() not in shown
            looks = [one.event.facts for one in account_for(bank.workspace, bank.tokens["dpo"], who)]
            assert [one["purpose"] for one in looks].count("rights.answer") == 1
        code = code_of(address, made.house.clock.now())
        wrong = visitor.post(f"{page}/confirm", page=page, people="2", code=code)
        assert (wrong.status, "another" in wrong.text) == (422, False)
        assert visitor.post(f"{page}/confirm", page=page, people="3", code="000000").status == 403
        assert visitor.post(f"{page}/confirm", page=page, people="three", code=code).status == 422
        assert visitor.post(f"{page}/confirm", page=page, people="3", code=code).status == 303
    assert show_order(bank.workspace, bank.tokens["dpo"], bulk).order.state == "cooling"


def test_nobody_confirms_whom_they_cannot_recognise(tmp_path: Path) -> None:
    """Where the card shows the confirming role nothing masked, the page says why and holds no form.

    Posting without one, by a form token of another page, confirms nothing either.
    """
    made = scene(tmp_path)
    bank = made.house.bank
    address = enrol_second_factor(bank.workspace, bank.tokens["dpo.2"], PASSPHRASE)
    made.house.clock.on(minutes=5)
    bulk = made.house.drafted(made.house.wanted(*(bank.people[number] for number in (2, 3, 4))))
    submit_order(bank.workspace, made.house.desk, bulk)
    for name in ("approver", "approver.2", "dpo"):
        agree_order(bank.workspace, bank.tokens[name], bulk)
    blind = card("rights.answer", 2).replace('masked = ["rights_desk", "dpo"]', 'masked = ["rights_desk"]')
    adopt(bank.workspace, bank.tokens["dpo"], blind)
    with served(bank.workspace) as port:
        visitor = Visitor(port)
        visitor.sign_in("dpo.2", PASSPHRASE)
        page = f"/orders/{show(OrderId, bulk)}"
        answer = visitor.get(page)
        code = code_of(address, made.house.clock.now())
        posted = visitor.post(f"{page}/confirm", page="/pass", people="3", code=code)
    assert 'name="people"' not in answer.text
    assert 'role="alert"' in answer.text
    assert posted.status == 403
    assert "a sample of whom it deletes" in posted.plain()
    assert show_order(bank.workspace, bank.tokens["dpo"], bulk).order.state == "confirming"


def test_a_person_sees_their_own_page_once(place: Place) -> None:
    """The desk issues a pass; it is entered once, shows openings and certificate, and the certificate holds."""
    bank = place.scene.house.bank
    desk = place.visitor("rights_desk")
    made = desk.post("/pass", subject=show(SubjectId, bank.people[5]), minutes="30")
    assert made.status == 200
    link = made.text.partition('id="link" class="digest">')[2].partition("<")[0]
    person = place.visitor()
    assert person.send("GET", link).status == 200  # a preview of the link uses nothing up
    code = link.partition("code=")[2]
    assert person.post("/person/enter", code=code).status == 303
    shown = person.get("/person").plain()
    assert "Who used my information (2 times)" in shown
    assert "analyst masked" in shown
    path = person.get("/person").text.partition('href="/person/certificates/')[2].partition('"')[0]
    file = person.get(f"/person/certificates/{path}")
    assert check(json.loads(file.text), bank.workspace.head.verifier).outcome == "erased-in-part"
    assert place.visitor().post("/person/enter", code=code).status == 401
    assert person.send("GET", "/inbox").status == 303
    assert person.get("/person").status == 401  # asking for the staff's page ended it


def test_a_pass_opens_one_person_and_ends(place: Place) -> None:
    """Another person's certificate is not found by it; a code that was changed, or is over, opens nothing."""
    bank = place.scene.house.bank
    other = bank.workspace.data.read(lambda records: records.authority.find("erasures")[0]).identifier  # type: ignore[arg-type]
    code, _ = issue_pass(bank.workspace, bank.tokens["dpo"], bank.people[1], 20)
    person = place.visitor()
    assert person.post("/person/enter", code=code[:-1] + ("0" if code[-1] != "0" else "1")).status == 401
    assert person.post("/person/enter", code="nothing").status == 401
    assert person.post("/person/enter", code=code).status == 303
    assert person.get(f"/person/certificates/{show(OperationId, other)}").status == 404
    place.scene.house.clock.on(minutes=21)
    assert person.get("/person").status == 401


def test_passes_are_recorded_and_name_nobody(place: Place) -> None:
    """Issuing and entering are events; who may not issue one is refused in the page itself."""
    bank = place.scene.house.bank
    answer = place.visitor("approver").post("/pass", subject=show(SubjectId, bank.people[1]), minutes="30")
    assert answer.status == 422
    assert "this asks for the role rights_desk or dpo" in answer.plain()
    code, _ = issue_pass(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert place.visitor().post("/person/enter", code=code).status == 303
    bodies = recorded.bodies(bank.workspace)
    kinds = [decode(body).kind.value for body in bodies]
    assert (kinds.count("pass.issued"), kinds.count("pass.used")) == (1, 1)
    assert not any(bank.people[1].hex().encode() in body for body in bodies)


def test_the_language_is_switched_and_leads_nowhere_else(place: Place) -> None:
    """The switch keeps the page; a target beyond this server is not followed."""
    visitor = place.visitor(language="zh")
    assert "登录" in visitor.get("/sign-in").plain()
    back = visitor.send("GET", "/language/en?to=%2Fverify")
    assert back.headers["location"] == "/verify"
    assert "Check a certificate of deletion" in visitor.get("/verify").plain()
    for target in ("//evil.example", "https://evil.example", "/\\evil.example", "%0d%0aSet-Cookie:a=b"):
        assert visitor.send("GET", f"/language/zh?to={target}").headers["location"] == "/inbox"


def test_a_fault_shows_where_and_never_what(
    place: Place, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What an exception quotes reaches neither the page nor the log."""
    visitor = place.visitor("approver")

    def broken(*_: object) -> None:
        raise RuntimeError("13800000000")

    monkeypatch.setattr("shouxin.web.inbox_page.inbox_of", broken)
    answer = visitor.get("/inbox")
    assert answer.status == 500
    assert "13800000000" not in answer.text
    err = capfd.readouterr().err
    assert "RuntimeError" in err
    assert "13800000000" not in err


def test_the_verifier_is_handed_out(place: Place) -> None:
    """The stand-alone program, to the byte."""
    assert place.visitor().get("/verify/verify_certificate.py").text.encode() == verifier_script()
