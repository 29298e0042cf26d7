"""`reorder recommend`: what a customer will probably buy next, and why."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.utils.translation import gettext as _

from reorder.cli.screen import head, say, show_json, show_table
from reorder.cli.start import start_application

if TYPE_CHECKING:
    from reorder.insights.recommendations import LikelyBasket, LikelyProduct


def recommend(
    *,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's key, as orders name it.")],
    size: Annotated[int, typer.Option(help="Products at most.", min=1, max=30)] = 10,
    again: Annotated[bool, typer.Option("--again", help="Rank now instead of showing the last ranking.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """What a customer will probably buy next, and why."""
    start_application()
    from django.conf import settings

    from reorder.domain.customers.errors import UnknownCustomer
    from reorder.domain.customers.queries import find_customer_by_key
    from reorder.insights.recommendations import find_likely_basket
    from reorder.kernel import clock

    found = find_customer_by_key(key=customer.replace("\x00", ""))
    if found is None:
        raise UnknownCustomer(customer_id=customer)
    if again:
        _rank(customer_id=found.id, today=clock.current_date(time_zone=settings.REORDER.time_zone))
    basket = find_likely_basket(actor=None, customer_id=found.id, limit=size)
    if as_json:
        show_json(_document(key=found.key, basket=basket))
    elif basket is None:
        say(_("Not ranked yet: a night ranks customers once the weekly learning has run. Or run it now: --again."))
    else:
        _show(name=found.name or found.key, basket=basket)


def _rank(*, customer_id: int, today: dt.date) -> None:
    from reorder.flows.recommending import rank_customers

    done = rank_customers(customer_ids=[customer_id], as_of=today)
    if not done.customers:
        say(_("There is no model of baskets yet: the weekly learning makes one."))


def _show(*, name: str, basket: "LikelyBasket") -> None:
    head(_("Likely next basket of {name}, from {day} on").format(name=name, day=basket.as_of_date.isoformat()))
    rows = [[str(place), one.sku, one.name, _why(one)] for place, one in enumerate(basket.products, start=1)]
    show_table(columns=[_("rank"), _("SKU"), _("product"), _("why")], rows=rows, right={0})
    left = basket.left_out
    if left.out_of_stock or left.discontinued or left.sensitive:
        said = _("Left out: {out} out of stock, {discontinued} discontinued, {sensitive} of sensitive categories.")
        say(said.format(out=left.out_of_stock, discontinued=left.discontinued, sensitive=left.sensitive))
    if basket.method == "frequency":
        say(_("Ranked by frequency: there are too few baskets yet to learn from."))


def _why(one: "LikelyProduct") -> str:
    from reorder.engine import reasons

    return reasons.render(code=one.reason_code, parameters=one.reason_parameters, translate=_)


def _document(*, key: str, basket: "LikelyBasket | None") -> dict[str, Any]:
    if basket is None:
        return {"customer": key, "as_of_date": None, "method": None, "items": []}
    items = [
        {
            "rank": place,
            "sku": one.sku,
            "name": one.name,
            "score": one.score,
            "available_units": one.available_units,
            "reason": _why(one),
            "reason_code": one.reason_code,
            "reason_parameters": one.reason_parameters,
        }
        for place, one in enumerate(basket.products, start=1)
    ]
    return {"customer": key, "as_of_date": basket.as_of_date.isoformat(), "method": basket.method, "items": items}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(recommend)
