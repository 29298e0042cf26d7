"""Orders and their acknowledgements in ANSI ASC X12 004010: 850 is written, 855 is read. Pure, no clock."""

from reorder.flows.documents.x12.acknowledgement import AcknowledgedLine, X12Acknowledgement, read_acknowledgements
from reorder.flows.documents.x12.order import UNIT_CODES, X12Parties, purchase_order_x12, unit_code_of
from reorder.flows.documents.x12.segments import BadX12, Interchange, read_interchange

__all__ = [
    "UNIT_CODES",
    "AcknowledgedLine",
    "BadX12",
    "Interchange",
    "X12Acknowledgement",
    "X12Parties",
    "purchase_order_x12",
    "read_acknowledgements",
    "read_interchange",
    "unit_code_of",
]
