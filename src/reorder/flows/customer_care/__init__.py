"""What staff do for one customer: note something down, keep marketing back, let it go again, merge two records."""

from reorder.flows.customer_care.merging import Merge, merge_customers
from reorder.flows.customer_care.noting import note_customer, take_back_note
from reorder.flows.customer_care.pausing import pause_marketing, resume_marketing

__all__ = ["Merge", "merge_customers", "note_customer", "pause_marketing", "resume_marketing", "take_back_note"]
