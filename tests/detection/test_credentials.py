from __future__ import annotations

import pytest

from shouxin.detection.finding import FindingKind
from shouxin.detection.scan import scan


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("api_key=9f86d081884c7d659a2f", "9f86d081884c7d659a2f"),
        ('"clientSecret": "Zm9vYmFyMTIzNDU2"', "Zm9vYmFyMTIzNDU2"),
        ("Authorization: Bearer abcDEF123456.xyz", "abcDEF123456.xyz"),
        ("key ghp_" + "a1B2" * 9, "ghp_" + "a1B2" * 9),
        ("LTAI5tFoobar1234", "LTAI5tFoobar1234"),
        (
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4",
        ),
        ("redis://:p4ss@x", None),
        ("postgresql://app:p4ss@db:5432/loans", "app:p4ss"),
    ],
)
def test_keys(text: str, value: str | None) -> None:
    """Keys by their name, by their shape, and in the address of a source."""
    found = [text[one.start : one.end] for one in scan(text) if one.kind == FindingKind.SECRET_KEY]
    assert found == ([value] if value else [])


def test_a_private_key_is_found_whole() -> None:
    """From the first line to the last, also where line ends are escaped."""
    for end in ("\n", "\\n"):
        key = f"-----BEGIN RSA PRIVATE KEY-----{end}{'MIIEowIBAAKCAQEA' * 20}{end}-----END RSA PRIVATE KEY-----"
        (one,) = scan(f"x {key} y")
        assert (one.start, one.end) == (2, 2 + len(key))


@pytest.mark.parametrize(
    "text",
    [
        "password: null",
        "pwd=<secret>",
        "密码：****",
        "token: expired",
        "secret=aaaaaaaaaaaaaaaa",
        "token=12345678901234",
    ],
)
def test_placeholders_and_words_are_no_credentials(text: str) -> None:
    """Nothing, stars, variables, words of a sentence, one letter over and over, and plain numbers."""
    assert scan(text) == []
