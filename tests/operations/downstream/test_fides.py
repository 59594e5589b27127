"""A Fides dataset becomes a description that reads, and what has no counterpart is listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shouxin.connectors.fides_file import read_fides
from shouxin.errors import Invalid
from shouxin.operations.downstream.dataset import TableName
from shouxin.operations.downstream.fides import UNDECIDED, from_fides, item_of
from shouxin.operations.downstream.reading import read_dataset
from shouxin.vault.erasure import Outcome
from tests.operations.downstream.small import Small

YAML = """
dataset:
  - fides_key: Loan_DB
    name: Loans
    organization_fides_key: default_organization
    collections:
      - name: customer
        fides_meta: { after: [Loan_DB.branch] }
        fields:
          - name: id
            data_categories: [system.operations]
            fides_meta: { primary_key: True, data_type: integer }
          - name: mail
            data_categories: [user.contact.email]
            fides_meta: { identity: email, data_type: string, length: 40 }
          - name: mood
            data_categories: [user.behavior.mood]
          - name: extra
            data_categories: [user.name]
            fields: [{ name: inner }]
      - name: orders
        fields:
          - name: customer_id
            data_categories: [user.unique_id]
            fides_meta:
              references:
                - { dataset: Loan_DB, field: customer.id, direction: from }
                - { dataset: other_db, field: x.y, direction: to }
      - name: branch
        fields: [{ name: city, data_categories: [system] }]
"""


def test_what_maps_is_taken_and_what_does_not_is_listed() -> None:
    """Keys, identities, references and categories come over; the rest is named with its place."""
    text, unmapped = from_fides(read_fides(YAML, "fides.yml"))
    made = read_dataset(
        text.replace('references = "customer.id"', 'references = "customer.id", of = "person"'), "fides.toml"
    )
    customer, orders = made.tables[TableName("customer")], made.tables[TableName("orders")]
    assert made.name == "loan_db"
    assert customer.key == ("id",)
    assert customer.columns["mail"].item == "contact.email"
    assert made.identities["email"].weak
    assert orders.references[0].to == "customer"
    assert made.not_described == {"branch": "Fides: no personal data category"}
    told = {one.place: one.why for one in unmapped}
    assert {"orders", "customer.mood", "customer.extra", "customer.fides_meta.after", "organization_fides_key"} <= set(
        told
    )
    assert [one.why for one in unmapped if one.place == "orders.customer_id"][-1].startswith("refers to another")
    assert "# Fides: user.behavior.mood" in text


_HOUSEHOLD = """
dataset:
  - fides_key: shop
    collections:
      - name: address
        fields:
          - { name: id, data_categories: [system.operations], fides_meta: { primary_key: True } }
          - { name: street, data_categories: [user.contact.address.street] }
      - name: customer
        fields:
          - name: id
            data_categories: [user.unique_id]
            fides_meta: { primary_key: True }
          - name: address_id
            data_categories: [system.operations]
            fides_meta: { references: [{ dataset: shop, field: address.id, direction: to }] }
          - name: paid_by
            data_categories: [system.operations]
            fides_meta: { references: [{ dataset: shop, field: customer.id }] }
          - { name: mail, data_categories: [user.contact.email], fides_meta: { identity: loyalty_id } }
"""


def test_nobody_is_guessed_behind_a_reference(tmp_path: Path) -> None:
    """Fides does not say whose an address is: the text reads once somebody has, and then spouses stay apart."""
    text, unmapped = from_fides(read_fides(_HOUSEHOLD, "fides.yml"))
    assert [one.place for one in unmapped if one.why == UNDECIDED] == ["customer.address_id", "customer.paid_by"]
    with pytest.raises(Invalid, match=r"person.*shared.*customer.address_id.*customer.paid_by") as refused:
        read_dataset(text, "shop.toml")
    assert refused.value.place.startswith("shop.toml:")
    decided = re.sub(r'(references = "[a-z.]+")', r'\1, of = "shared"', text).replace(
        "[table.address]", "[table.address]\ngoes_with_last = true"
    )
    script = """CREATE TABLE address (id INTEGER NOT NULL PRIMARY KEY, street TEXT);
    CREATE TABLE customer (id INTEGER NOT NULL PRIMARY KEY, address_id INTEGER, paid_by INTEGER, mail TEXT);
    INSERT INTO address VALUES (1, 'a');
    INSERT INTO customer VALUES (1, 1, NULL, 'x@example.com'), (2, 1, NULL, 'y@example.com');"""
    small = Small(tmp_path, script, decided, "")
    assert small.erase_all({"loyalty_id": ["x@example.com"]}).outcome is Outcome.ERASED
    assert [row[0] for row in small.rows("customer")] == [2]
    assert [row[0] for row in small.rows("address")] == [1]


@pytest.mark.parametrize(
    ("category", "item"),
    [
        ("user.contact.email", "contact.email"),
        ("user.government_id.national_identification_number", "identity.id_number"),
        ("user.contact.phone_number.identity_former_name", "identity.former_name"),
        ("user.financial.credit_card", "account.card_number"),
        ("user.contact.address.street.floor", "contact.address"),
        ("user.nothing.of.ours", None),
    ],
)
def test_a_category_leads_to_the_nearest_item(category: str, item: str | None) -> None:
    """The exact category, one that this product exported, or the nearest above; never a guess across branches."""
    assert item_of(category) == item


HEAD = "dataset: [{fides_key: x, collections: "


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "[]",
        "dataset: 7",
        "dataset: [{fides_key: x}]",
        "!!python/object:os.system x",
        f"{HEAD}[[1]]}}]",
        f"{HEAD}[{{name: a, fields: 3}}]}}]",
        f"{HEAD}[{{name: a, fields: [{{name: b}}, {{name: b}}]}}]}}]",
        f"{HEAD}[{{name: a, fields: [{{name: b, data_categories: user.name}}]}}]}}]",
        f"{HEAD}[{{name: a}}, {{name: a}}]}}]",
    ],
)
def test_what_is_no_fides_dataset_is_refused(text: str) -> None:
    """Broken YAML, another shape, names that stand twice, or a tag that would make objects."""
    with pytest.raises(Invalid):
        from_fides(read_fides(text, "fides.yml"))
