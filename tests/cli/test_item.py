from __future__ import annotations

import json

from shouxin.domain.items import taxonomy
from tests.cli.shell import run


def test_the_taxonomy_is_exported_to_both_vocabularies_without_a_workspace() -> None:
    """What is printed for people is the document itself; both hold every item, and no other word is taken."""
    fides = run("item", "export", "--to", "fides")
    assert len(json.loads(fides.out)["data_category"]) == len(taxonomy().items)
    dpv = run("item", "export", "--to", "dpv", "--json").data
    assert "item:transaction.merchant" in {one["@id"] for one in dpv["@graph"]}
    assert run("item", "export", "--to", "rdf").code == 2


def test_every_item_code_is_listed_without_a_workspace() -> None:
    """All of them, each with title, level and class; with a word, those that contain it; exit code 1 for none."""
    every = run("item", "list", "--json").data["items"]
    assert [one["item"] for one in every] == list(taxonomy().items)
    some = run("item", "list", "emergency", "--json").data["items"]
    assert {one["item"] for one in some} == {code for code in taxonomy().items if code.startswith("emergency.")}
    assert "contact.mobile" in run("item", "list", "手机").out
    assert run("item", "list", "no such thing").code == 1
