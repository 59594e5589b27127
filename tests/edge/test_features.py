from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from shouxin.edge.address_book import AddressBook, read_address_book, read_calls
from shouxin.edge.features import FEATURES, features_of, matching_token
from shouxin.errors import Invalid

CARDS = """BEGIN:VCARD
FN:张三
TEL;TYPE=cell:+86 154-0000-0001
item1.TEL:15400000002
END:VCARD
BEGIN:VCARD
FN:李四
TEL:154000
 00001
END:VCARD
BEGIN:VCARD
FN:无号
END:VCARD
"""


def test_numbers_are_read_from_vcard_and_csv_alike(tmp_path: Path) -> None:
    """Folded lines, prefixes, several numbers an entry and a column's Chinese name; names are read into nothing."""
    (tmp_path / "book.vcf").write_text(CARDS, "utf-8")
    cards = read_address_book(tmp_path / "book.vcf")
    assert (cards.entries, cards.numbers) == (3, {"15400000001", "15400000002"})
    (tmp_path / "book.csv").write_text(
        "姓名,手机号码\n张三,15400000001;０１５４\n李四,+86 15400000002\n王五,\n", "utf-8"
    )
    book = read_address_book(tmp_path / "book.csv")
    assert (book.entries, book.numbers) == (3, {"15400000001", "15400000002"})
    assert "154" not in repr(book)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", b"name\nx\n"), ("a.csv", b"\xff\xfe"), ("a.vcf", b"nothing"), ("gone.csv", None)],
)
def test_what_does_not_read_is_refused_without_repeating_it(tmp_path: Path, name: str, content: bytes | None) -> None:
    """No column of numbers, no text, no card, no file."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid) as caught:
        read_address_book(tmp_path / name)
    assert "nothing" not in str(caught.value)


def test_ties_are_counted_from_the_log_and_tokens_made_of_who_agreed_only(tmp_path: Path) -> None:
    """Ten calls are a strong tie; without consent, or where it was not planned, nothing is made."""
    calls = ["number", *["15400000001"] * 10, *["15400000002"] * 9, "15499999999"]
    (tmp_path / "calls.csv").write_text("\n".join(calls) + "\n", "utf-8")
    log = read_calls(tmp_path / "calls.csv")
    book = AddressBook(4, frozenset({"15400000001", "15400000002", "15400000003"}))
    found = features_of(book, log, FEATURES, b"k" * 32, agreed=True)
    assert found["address_book.count"] == "4"
    assert found["address_book.ties"] == "strong:1 weak:1 silent:1"
    tokens = found["address_book.tokens"].split()
    assert len(tokens) == 3
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in tokens)
    assert matching_token(b"k" * 32, "15400000001") in tokens
    assert matching_token(b"j" * 32, "15400000001") not in tokens
    assert "address_book.tokens" not in features_of(book, log, FEATURES, b"k" * 32, agreed=False)
    assert features_of(book, None, {"address_book.ties", "identity.name"}, b"k" * 32, agreed=True) == {}
    assert features_of(book, Counter(), {"address_book.count"}, b"k" * 32, agreed=True) == {"address_book.count": "4"}
