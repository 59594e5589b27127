from __future__ import annotations

from pathlib import Path

from tests.cli.shell import lender, run


def test_the_rights_desk_sees_what_is_kept_and_no_value(tmp_path: Path) -> None:
    """Purposes, terms, items and floors; an analyst is refused; nobody is not found."""
    home, [who] = lender(tmp_path, 1, "analyst", "rights_desk")
    ran = run("subject", "standing", who, "--json", home=home)
    assert ran.code == 0, ran.out
    assert (ran.data["state"], ran.data["told"], ran.data["consents"], ran.data["objects"]) == ("active", 1, 0, [])
    (cell,) = ran.data["cells"]
    assert (cell["purpose"], cell["term"], cell["cells"], cell["kept"]) == ("credit.review", "file", 1, None)
    assert "identity.id_number" in cell["items"]
    shown = run("subject", "standing", who, home=home)
    assert "credit.review" in shown.out
    assert "张三" not in shown.out + ran.out
    refused = run("subject", "standing", who, "--as", "analyst", "--json", home=home)
    assert (refused.code, refused.data["error"]) == (1, "refused")
    assert run("subject", "standing", "sub_" + "0" * 32, "--json", home=home).data["error"] == "not-found"


def test_objects_are_listed(tmp_path: Path) -> None:
    """None is no error; a role that works on nothing is refused."""
    home, [who] = lender(tmp_path, 1, "operator", "analyst")
    assert run("subject", "objects", who, "--json", home=home).data["objects"] == []
    assert run("subject", "objects", who, home=home).out == "no objects\n"
    assert run("subject", "objects", who, "--as", "operator", home=home).code == 1
