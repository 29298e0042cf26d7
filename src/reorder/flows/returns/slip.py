"""The return slip of a case, made of what the books say."""

import datetime as dt

from django.conf import settings

from reorder.domain.inventory.queries import find_place
from reorder.domain.warehouse.returns import get_held_return, list_sold_goods
from reorder.flows.documents.return_slip import SlipFacts, return_slip_pdf
from reorder.flows.shop_day import shop_date
from reorder.insights.shop_orders import get_shop_order


def print_slip(*, return_id: int, language: str, moment: dt.datetime) -> bytes:
    """The PDF of a return's slip in a language. Raises UnknownReturn."""
    held = get_held_return(return_id=return_id)
    sold = {one.order_line_id: one for one in list_sold_goods(order_id=held.order_id)}
    place = find_place(code=held.place_code)
    facts = SlipFacts(
        number=held.number,
        order_number=get_shop_order(order_id=held.order_id, customer_id=None).number,
        send_to=[settings.REORDER.shop_name, place.name if place else held.place_code],
        goods=[
            (sold[line.order_line_id].sku, sold[line.order_line_id].name, line.units)
            for line in held.lines
            if line.units > 0
        ],
        word="",
        store_number=held.tracking_number if held.way_back == "store" else "",
        until_date=shop_date(moment=held.expires_at) if held.expires_at else None,
    )
    return return_slip_pdf(facts=facts, language=language, shop_name=settings.REORDER.shop_name, moment=moment)
