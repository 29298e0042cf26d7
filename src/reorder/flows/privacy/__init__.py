"""A person's right to see their data, and to have it gone."""

from reorder.flows.privacy.erasing import Erasure, erase_person
from reorder.flows.privacy.exporting import PersonExport, export_person
from reorder.flows.privacy.handling import refuse_request, take_request
from reorder.flows.privacy.keeping import Kept, keep_privacy
from reorder.flows.privacy.paper import export_pdf
from reorder.flows.privacy.reapplying import reapply_erasures
from reorder.flows.privacy.wording import sections_of

__all__ = [
    "Erasure",
    "Kept",
    "PersonExport",
    "erase_person",
    "export_pdf",
    "export_person",
    "keep_privacy",
    "reapply_erasures",
    "refuse_request",
    "sections_of",
    "take_request",
]
