"""Every table that holds something about a person, in the order in which it is let go."""

from typing import Final

from reorder.domain.behaviour import personal as behaviour
from reorder.domain.channels import personal as channels
from reorder.domain.customers import personal as customers
from reorder.domain.marketing import personal as marketing
from reorder.domain.messaging import personal as messaging
from reorder.domain.orders import personal as orders
from reorder.domain.payments import personal as payments
from reorder.domain.planning import personal as planning
from reorder.domain.shipping import personal as shipping
from reorder.domain.staff import personal as staff
from reorder.domain.storage.personal import PersonalTable
from reorder.domain.warehouse import personal as warehouse

# From the rooms above to those below: what points to a row goes before it.
PERSONAL_TABLES: Final[tuple[PersonalTable, ...]] = (
    *marketing.TABLES,
    *planning.TABLES,
    *channels.TABLES,
    *warehouse.TABLES,
    *shipping.TABLES,
    *payments.TABLES,
    *orders.TABLES,
    *behaviour.TABLES,
    *messaging.TABLES,
    *staff.TABLES,
    *customers.TABLES,
)
