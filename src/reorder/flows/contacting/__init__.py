"""Who gets what, when and by which way: the one decision that every message passes, whoever wants it."""

from reorder.flows.contacting.proposing import look_again, propose, withdraw
from reorder.flows.contacting.rechecking import recheck_due
from reorder.flows.contacting.values import Proposed

__all__ = ["Proposed", "look_again", "propose", "recheck_due", "withdraw"]
