"""Documents of orders with the shop's name on them."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings

from reorder.flows.documents.orders import order_documents_pdf
from reorder.insights.order_documents import PrintedOrder


def print_orders(*, kind: str, orders: Sequence[PrintedOrder], language: str, moment: dt.datetime) -> bytes:
    """One PDF with the documents of one kind for all of these orders."""
    return order_documents_pdf(
        kind=kind,
        orders=orders,
        language=language,
        shop_name=settings.REORDER.shop_name,
        shop_mail=settings.REORDER.mail_from,
        time_zone=settings.REORDER.time_zone,
        moment=moment,
    )
