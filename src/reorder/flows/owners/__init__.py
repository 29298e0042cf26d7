"""Goods of other shops that we store and ship: whose a product is, and what storing and shipping comes to."""

from reorder.flows.owners.charging import OwnerOverview, Statement, list_overview, make_statement
from reorder.flows.owners.products import refuse_wrong_owner, set_owner

__all__ = ["OwnerOverview", "Statement", "list_overview", "make_statement", "refuse_wrong_owner", "set_owner"]
