"""From the value of a document to its pages."""

from __future__ import annotations

from shouxin.documents.assessment import AssessmentDraft
from shouxin.documents.assessment_pages import assessment_pages
from shouxin.documents.document import Document
from shouxin.documents.inventory import Inventory
from shouxin.documents.inventory_pages import inventory_pages
from shouxin.documents.processing_record import ProcessingRecord
from shouxin.documents.record_pages import record_pages
from shouxin.documents.sharing import SharingList
from shouxin.documents.sharing_pages import sharing_pages

__all__ = ["Derived", "laid_out"]

Derived = ProcessingRecord | Inventory | SharingList | AssessmentDraft


def laid_out(value: Derived) -> Document:
    """Return the document that says ``value`` to people, in its language."""
    if isinstance(value, ProcessingRecord):
        return record_pages(value)
    if isinstance(value, Inventory):
        return inventory_pages(value)
    if isinstance(value, SharingList):
        return sharing_pages(value)
    return assessment_pages(value)
