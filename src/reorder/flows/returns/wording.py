"""What a customer is told when the rules accept a return by themselves, in the customer's language."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from reorder.domain.customers.queries import get_customer
from reorder.domain.warehouse.returns import HeldReturn
from reorder.flows.order_mail import letter_language


def usual_word(*, customer_id: int, held: HeldReturn) -> str:
    """How goods are sent back, in a few sentences."""
    person = get_customer(customer_id=customer_id)
    language = letter_language(customer_language=person.language, shop_language=settings.REORDER.language)
    with translation.override(language):
        ways = {
            "own": _("Pack the goods well and send them with any carrier."),
            "label": _("You get a label: print it, stick it on the parcel, and hand it in."),
            "store": _("Hand the parcel in at a convenience store with the number below."),
        }
        pays = _("The way back costs you nothing.") if held.payer == "shop" else _("You pay for the way back.")
        number = _("Write the number {number} on the parcel, or put the return slip in it.").format(number=held.number)
        return " ".join([ways[held.way_back], number, pays])
