from __future__ import annotations

import pytest

from shouxin.errors import Invalid
from shouxin.policy.source import read_source

HEAD = 'source = "a"\nkind = "{kind}"\ntitle = "t"\naudit_due = 2099-12-31\nown = true\n'
REST = HEAD.format(kind="rest") + '[rest]\nkey = "id"\nurl = "{url}"\n'
SQL = HEAD.format(kind="sql") + '[sql]\ntable = "t"\norder = ["id"]\ndsn = "{dsn}"\n'


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example/v1?api_key=SECRET123",
        "https://api.example/v1?x=1&access_token=SECRET123",
        "https://api.example/v1?X-Amz-Signature=SECRET123",
        "https://api.example/v1?ap%69key=SECRET123",
        "https://SECRET123@api.example/v1",
        "https://u:SECRET123@api.example/v1",
    ],
)
def test_an_address_with_what_lets_somebody_in_is_not_registered(url: str) -> None:
    """Keys, tokens, signatures, users: everybody reads the register, so they are sealed apart; none is repeated."""
    with pytest.raises(Invalid, match="secret in its address") as caught:
        read_source(REST.format(url=url))
    assert "SECRET123" not in str(caught.value)
    assert read_source(REST.format(url="https://api.example/v1?region=north&page_size=5")).rest is not None


def test_no_password_stands_in_the_address_of_a_database() -> None:
    """Behind the user, or as a parameter; a user alone, and a socket's empty password, are none."""
    for dsn in ("postgresql://r:pw@h/d", "postgresql://h/d?password=pw", "mysql://r@h/d?x=1&passwd=pw"):
        with pytest.raises(Invalid, match="no password"):
            read_source(SQL.format(dsn=dsn))
    assert read_source(SQL.format(dsn="postgresql://r:@/d?host=/run/pg")).sql is not None


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('erase = "/people"', "erase is a path"),
        ('erase = "https://elsewhere.example/{key}"', "erase is a path"),
        ('erase = "/people/{key}?token=x"', "no secret"),
        ("limit = 0", "limit"),
        ('most = ""', "limit"),
    ],
)
def test_what_an_api_is_asked_makes_sense(more: str, says: str) -> None:
    """A path to delete at is on the same host and names the record; a limit is one."""
    with pytest.raises(Invalid, match=says):
        read_source(REST.format(url="https://api.example/v1") + more + "\n")
