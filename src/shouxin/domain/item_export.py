"""The taxonomy in other people's words: DPV JSON-LD and Fides categories.

Laws of this file. Kinds only, never values: what leaves here names no person. Terms that DPV or Fides do not have are
given as a refinement of the nearest one, under this product's own name.

Called by: the record of processing activities and the export commands.
**Source:** W3C Data Privacy Vocabulary 2.3, extension pd; fideslang 3.1, ``data_category``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from shouxin.domain.items import Item

__all__ = ["CONTEXT", "dpv_jsonld", "fides_categories"]

CONTEXT: Final = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "item": "urn:shouxin:item:",
}


def dpv_jsonld(items: Iterable[Item], on: date | None = None) -> dict[str, Any]:
    """Return a JSON-LD document with one concept an item, broader than it the term of DPV-PD."""
    return {
        "@context": CONTEXT,
        "@graph": [
            {
                "@id": f"item:{one.code}",
                "@type": ["dpv:PersonalData", *(["dpv:SensitivePersonalData"] if one.sensitive(on) else [])],
                "skos:broader": {"@id": f"pd:{one.dpv}"},
                "skos:prefLabel": [
                    {"@value": one.title_zh, "@language": "zh"},
                    {"@value": one.title_en, "@language": "en"},
                ],
            }
            for one in sorted(items, key=lambda one: one.code)
        ],
    }


def fides_categories(items: Iterable[Item]) -> dict[str, Any]:
    """Return a mapping that, written as YAML, is a Fides file of data categories below those of fideslang."""
    return {
        "data_category": [
            {
                "fides_key": f"{one.fides}.{one.code.replace('.', '_')}",
                "parent_key": one.fides,
                "name": one.title_en,
                "description": one.title_zh,
                "tags": [one.klass, f"L{one.level}"],
            }
            for one in sorted(items, key=lambda one: one.code)
        ],
    }
