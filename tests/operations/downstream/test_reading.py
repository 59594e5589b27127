"""A description reads, or says in which line it does not."""

from __future__ import annotations

import pytest

from shouxin.errors import Invalid
from shouxin.operations.downstream.dataset import StrategyKind, TableName
from shouxin.operations.downstream.reading import read_dataset

TEXT = """dataset = "core"
version = 1

[identities]
id_number = { item = "identity.id_number", one = true }
mobile = { item = "contact.mobile", weak = true }

[not_described]
branch = "places"

[table.customer]
key = ["id"]
strategy = "delete_row"
freeze = { column = "frozen" }
[table.customer.columns]
id = { not_personal = "number" }
id_number = { item = "identity.id_number", identity = "id_number" }
mobile = { item = "contact.mobile", identity = "mobile" }
frozen = { not_personal = "flag" }

[table."crm.call"]
key = ["customer_id", "at"]
frozen_with = "customer"
[table."crm.call".columns]
customer_id = { not_personal = "key", references = "customer.id", of = "person" }
at = { not_personal = "time" }
spouse_name = { item = "family.spouse_name", strategy = "null" }
spouse_mobile = { item = "contact.mobile", strategy = { replace = "-" } }
ended = { not_personal = "date" }
text = { item = "communication.content", mentions = true, strategy = { keep = "CN-AML-34-3-TRANSACTION", reason = "why", since = "ended", then = "null" } }
[table."crm.call".named.spouse]
identity = { spouse_mobile = "mobile" }
columns = ["spouse_name", "spouse_mobile"]
strategy = "null"
"""  # noqa: E501 - an inline table stands on one line


def test_a_description_reads() -> None:
    """Names with dots, keeps, named people and references are what was written."""
    made = read_dataset(TEXT, "core.toml")
    call = made.tables[TableName("crm.call")]
    assert call.references[0].to_columns == ("id",)
    assert call.references[0].of_person
    text = call.columns["text"].strategy
    assert text is not None
    assert (text.kind, text.since, text.then) == (StrategyKind.KEEP, "ended", StrategyKind.NULL)
    assert call.named[0].identities == {"spouse_mobile": "mobile"}
    assert made.rules() == {"CN-AML-34-3-TRANSACTION"}
    assert len(made.digest) == 64
    assert made.tables[TableName("customer")].owned()["mobile"].kind is StrategyKind.DELETE_ROW


MISTAKES = [
    ('item = "family.spouse_name"', 'item = "family.spuse_name"', "unknown item: family.spuse_name", 27),
    ('at = { not_personal = "time" }', "at = {}", "a column has an item, or says why it is not personal", 26),
    ('at = { not_personal = "time" }', 'at = { not_personal = " " }', "says why", 26),
    (', strategy = "null" }', " }", "a personal column has a strategy", 27),
    ('strategy = "null" }', 'strategy = "shred" }', "a strategy is delete_row, null, token", 27),
    ('{ replace = "-" }', "{ }", "either replaces or keeps", 28),
    (', reason = "why"', "", "what is kept has a reason", 30),
    ('since = "ended"', 'since = "endet"', "since names a column that is not described", 30),
    ('identity = "mobile" }\nfrozen', 'identity = "moble" }\nfrozen', "not declared under [identities]", 18),
    ('of = "person" }', 'of = "persons" }', "of the person or shared", 25),
    (', of = "person" }', " }", "say of each reference", 25),
    ('"customer.id"', '"customers.id"', "leads to a described table and its columns", 25),
    ('key = ["id"]', 'key = ["ident"]', "the key names a column that is not described", 12),
    ('freeze = { column = "frozen" }', 'freeze = { column = "froze" }', "the freeze flag is a described column", 14),
    ('frozen_with = "customer"', 'frozen_with = "call"', "this table has no freeze flag", 23),
    ('columns = ["spouse_name", "spouse_mobile"]', "columns = []", "a named person stands in described columns", 31),
    ('strategy = { replace = "-" }', 'strategy = "delete_row"', "a row that goes takes all its columns", 28),
    ('branch = "places"', 'customer = "places"', "this table is described", 9),
    ('branch = "places"', 'branch = ""', "a table that is not described says why", 9),
    ("[not_described]", "spare = {}\n[not_described]", "no column holds this identity", 8),
    ("version = 1", "version = 0", "a dataset has a code, a version", 1),
    ("version = 1", "version = ", "not TOML", 2),
    ("mentions = true", "mention = true", "unknown field `mention`", 1),
    (
        '{ not_personal = "key", references = "customer.id", of = "person" }',
        '{ not_personal = "key" }',
        "nothing leads to these rows",
        21,
    ),
]


@pytest.mark.parametrize(("right", "wrong", "told", "line"), MISTAKES, ids=[one[2][:40] for one in MISTAKES])
def test_a_mistake_is_named_with_its_line(right: str, wrong: str, told: str, line: int) -> None:
    """Each mistake is ``Invalid``, says what is wrong, and points at its line."""
    assert right in TEXT
    text = TEXT.replace(right, wrong, 1)
    if told.startswith("nothing leads"):
        text = text.split('[table."crm.call".named.spouse]')[0]
    with pytest.raises(Invalid) as caught:
        read_dataset(text, "core.toml")
    assert told in caught.value.detail
    if line > 1:
        assert caught.value.place == f"core.toml:{line}"


def test_cycles_of_references_are_allowed() -> None:
    """Tables may refer to each other and to themselves."""
    back = 'frozen = { not_personal = "flag", references = "customer.id", of = "person" }'
    made = read_dataset(TEXT.replace('frozen = { not_personal = "flag" }', back), "core.toml")
    assert len(made.tables[TableName("customer")].references) == 1


def test_a_description_has_an_end() -> None:
    """Megabytes are refused before they are read."""
    with pytest.raises(Invalid):
        read_dataset("#" * (1 << 21), "core.toml")
