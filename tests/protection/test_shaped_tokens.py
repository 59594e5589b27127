from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouxin.detection.checksums import id_number_is_valid
from shouxin.domain.items import ItemCode
from shouxin.protection.shaped_tokens import is_shaped_token, shaped_token
from shouxin.vault.index import normalise

KEY = bytes(range(32))
MOBILE, ID, CARD, EMAIL = map(
    ItemCode, ("contact.mobile", "identity.id_number", "account.card_number", "contact.email")
)


@pytest.mark.parametrize(
    ("item", "value"),
    [
        (MOBILE, "13800001234"),
        (MOBILE, "+86 138-0000-1234"),
        (ID, "11010519491231002X"),
        (CARD, "6222 0212 3456 7890"),
        (EMAIL, "zhang.san@example.com"),
        (ItemCode("identity.name"), "欧阳小明"),
    ],
)
def test_a_token_has_the_shape_of_its_value_and_is_nobodys(item: ItemCode, value: str) -> None:
    """Length and kinds of letters stay (an address keeps its sign), and the token is told from a value."""
    token = shaped_token(KEY, item, value, value)
    if item != EMAIL:
        assert len(token) == len(value)
        assert [(c.isdigit(), c.isalpha(), c.isspace()) for c in token] == [
            (c.isdigit(), c.isalpha(), c.isspace()) for c in value
        ]
    assert token != value
    if "name" not in item:
        assert is_shaped_token(item, token)
        assert not is_shaped_token(item, value)
    assert not id_number_is_valid(token)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.integers(0, 3))
@settings(deadline=None)
def test_a_token_follows_from_value_and_key_alone(mobile: str, attempt: int) -> None:
    """Equal values have equal tokens in every spelling, other keys and attempts other ones."""
    token = shaped_token(KEY, MOBILE, mobile, mobile, attempt)
    assert token == shaped_token(KEY, MOBILE, mobile, mobile, attempt)
    spelt = f"{mobile[:3]}-{mobile[3:7]}-{mobile[7:]}"
    assert normalise(MOBILE, shaped_token(KEY, MOBILE, spelt, mobile, attempt)) == token
    assert token != shaped_token(bytes(32), MOBILE, mobile, mobile, attempt)
    assert token != shaped_token(KEY, MOBILE, mobile, mobile, attempt + 1)
