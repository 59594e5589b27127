from __future__ import annotations

import hashlib
from pathlib import Path

from tests.cli.shell import lender, run

FOR = ("--purpose", "credit.review")


def test_a_wrong_value_is_replaced_and_never_shown(tmp_path: Path) -> None:
    """``correct`` takes the value from standard input; afterwards the new one is what is kept."""
    home, [who] = lender(tmp_path, 1, "analyst", "rights_desk")
    before = run("subject", "show", who, *FOR, "--as", "analyst", "--json", home=home).data["values"]
    done = run("subject", "correct", who, "--item", "contact.mobile", "--json", home=home, given="13911112222\n")
    assert (done.code, done.data["corrected"]) == (0, ["contact.mobile"])
    assert "1391" not in done.out + done.err
    after = run("subject", "show", who, *FOR, "--as", "analyst", "--json", home=home).data["values"]
    changed = {item for item in before[who] if before[who][item] != after[who][item]}
    assert changed == {"contact.mobile"}


def test_an_object_needs_a_purpose_that_lists_it(tmp_path: Path) -> None:
    """What the card does not list is refused; a file that is not there is invalid."""
    home, [who] = lender(tmp_path, 1, "collector")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8")
    words = ("subject", "keep", who)
    refused = run(*words, photo, *FOR, "--item", "contact.email", "--json", home=home)
    assert (refused.code, refused.data["error"]) == (1, "refused")


def test_an_object_opens_byte_for_byte_within_a_grant(tmp_path: Path) -> None:
    """keep, request, approve twice, open to a file; as JSON it is misuse."""
    home, [who] = lender(tmp_path, 1, "collector", "approver", "dpo", "analyst")
    photo = tmp_path / "name.bin"
    photo.write_bytes(bytes(range(256)) * 3000)
    item = ("--item", "identity.name")
    kept = run("subject", "keep", who, photo, *FOR, *item, "--as", "collector", "--json", home=home)
    assert kept.code == 0, kept.out
    request = run("access", "request", who, *FOR, *item, "--json", home=home).data["request"]
    for name in ("approver", "dpo"):
        assert run("access", "approve", request, "--as", name, home=home).code == 0
    opened = run("access", "open", request, "--object", kept.data["object"], home=home)
    assert (opened.code, opened.raw) == (0, photo.read_bytes())
    assert run("access", "open", request, "--object", kept.data["object"], "--json", home=home).code == 2


def test_an_object_has_tags(tmp_path: Path) -> None:
    """Created, source, subjects, kind, level, hash and retention; a source that could be a number is refused."""
    home, [who, other] = lender(tmp_path, 2, "dpo", "collector")
    photo = tmp_path / "photo.bin"
    photo.write_bytes(b"\xff\xd8\xff" + bytes(9))
    words = ("subject", "keep", who, photo, *FOR, "--item", "identity.name", "--depicts", other, "--as", "collector")
    assert run(*words, "--source", "13800138000", home=home).code == 1
    kept = run(*words, "--source", "branch.scanner", "--json", home=home)
    (tags,) = run("subject", "tags", who, "--as", "dpo", "--json", home=home).data["objects"]
    assert tags["object"] == kept.data["object"]
    assert (tags["source"], tags["format"], tags["subjects"]) == ("branch.scanner", "image.jpeg", [who, other])
    assert (tags["item"], tags["level"], tags["size"]) == ("identity.name", 3, 12)
    assert tags["created"].startswith("20")
    sealed = (home / "data" / "objects").rglob("*")
    assert tags["sha256"] in {hashlib.sha256(one.read_bytes()).hexdigest() for one in sealed if one.is_file()}
    assert tags["retention"] in {"in-use", "undated"}
    assert "image.jpeg" in run("subject", "tags", who, "--as", "dpo", home=home).out
    assert run("subject", "tags", who, "--as", "collector", "--json", home=home).data["error"] == "refused"


def test_who_has_no_date_is_listed_and_the_next_review_has_one(tmp_path: Path) -> None:
    """In a state, who stands there; a review is due until somebody looked, and then has a day."""
    home, [who] = lender(tmp_path, 1, "dpo")
    states = ("in-use", "undated", "kept", "due")
    listed = [
        run("retention", "due", "--people", "--state", state, "--as", "dpo", "--json", home=home).data[state]
        for state in states
    ]
    assert [one for some in listed for one in some] == [who]
    assert run("retention", "next-review", home=home).code == 1
    assert run("retention", "review", "--as", "dpo", home=home).code == 0
    shown = run("retention", "next-review", "--json", home=home)
    assert (shown.code, shown.data["due"], shown.data["days"]) == (0, False, 90)
    assert shown.data["on"] > shown.data["last"][:10]
