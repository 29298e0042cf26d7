"""A person's right to see their data, and to have it gone."""

from reorder.flows.privacy.erasing import Erasure, erase_person
from reorder.flows.privacy.exporting import PersonExport, count_person, export_person
from reorder.flows.privacy.keeping import Kept, keep_privacy
from reorder.flows.privacy.reapplying import reapply_erasures

__all__ = [
    "Erasure",
    "Kept",
    "PersonExport",
    "count_person",
    "erase_person",
    "export_person",
    "keep_privacy",
    "reapply_erasures",
]
