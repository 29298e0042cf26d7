"""Who gets what, when and by which way: the one decision that every message passes, whoever wants it."""

from reorder.flows.contacting.approving import approve_tonight, stop_tonight
from reorder.flows.contacting.proposing import look_again, propose, withdraw, withdraw_keys
from reorder.flows.contacting.rechecking import recheck_due
from reorder.flows.contacting.telling import explain_customer
from reorder.flows.contacting.values import Proposed

__all__ = [
    "Proposed",
    "approve_tonight",
    "explain_customer",
    "look_again",
    "propose",
    "recheck_due",
    "stop_tonight",
    "withdraw",
    "withdraw_keys",
]
