"""A person's right to see their data, and to have it gone."""

from reorder.flows.privacy.erasing import Erasure, erase_person
from reorder.flows.privacy.exporting import PersonExport, count_person, export_person
from reorder.flows.privacy.reapplying import reapply_erasures

__all__ = ["Erasure", "PersonExport", "count_person", "erase_person", "export_person", "reapply_erasures"]
