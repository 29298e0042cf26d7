"""`reorder acknowledge`, `scorecard`, `rates`: what follows an order, from the terminal."""

import datetime as dt
import getpass
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.utils.translation import gettext as _

from reorder.cli.language import word
from reorder.cli.screen import Entry, say, show_entries, show_json, show_table
from reorder.cli.start import start_application
from reorder.kernel.errors import BadInput
from reorder.kernel.money import parse_money
from reorder.kernel.quantity import plain_decimal

if TYPE_CHECKING:
    from reorder.domain.purchasing.answers import NewAnswer
    from reorder.domain.purchasing.queries import Scorecard
    from reorder.flows.restock import Acknowledged


class BadAnswerLine(BadInput):
    """An answered line that cannot be read."""

    code = "following.bad_line"
    template = (
        "{text!r} is no answered line. Write SKU=UNITS, SKU=UNITS@PRICE or SKU=UNITS@PRICE@DAY, "
        "for example OOLONG-150=9@205@2026-12-02; SKU=0 is refused."
    )


class BadAnswerChoice(BadInput):
    """Neither an order nor a file."""

    code = "following.bad_choice"
    template = "Say what is answered in one way: the number of an order, or --edi FILE."


class BadRateLine(BadInput):
    """A rate that cannot be read."""

    code = "following.bad_rate"
    template = "{text!r} is no rate. Write CURRENCY=RATE, for example USD=32.15."


_By = Annotated[str, typer.Option("--by", help="Who records it.", default_factory=getpass.getuser, show_default="you")]


def acknowledge(
    number: Annotated[str | None, typer.Argument(help="Number of the purchase order.")] = None,
    *,
    line: Annotated[
        list[str] | None,
        typer.Option(help="Answered: SKU=UNITS, SKU=UNITS@PRICE or SKU=UNITS@PRICE@DAY. None: all as ordered."),
    ] = None,
    day: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Delivery of lines without a day of their own.")
    ] = None,
    reference: Annotated[str, typer.Option(help="The supplier's reference: the same one counts once.")] = "",
    later: Annotated[
        bool, typer.Option("--later", help="What is not accepted comes later and stays expected.")
    ] = False,
    x12: Annotated[Path | None, typer.Option("--edi", help="An X12 855 file of the supplier.")] = None,
    by: _By,
) -> None:
    """Record what a supplier answered to an order: units, prices and days, or a whole X12 855 file."""
    if (number is None) == (x12 is None):
        raise BadAnswerChoice
    start_application()
    from reorder.domain.purchasing.answers import NewAcknowledgement
    from reorder.domain.purchasing.queries import get_purchase_order
    from reorder.flows import restock
    from reorder.kernel import clock

    moment = clock.current_moment()
    if x12 is not None:
        answers = restock.read_x12_answers(content=x12.read_bytes(), acknowledged_at=moment, recorded_by=by)
        for one in restock.acknowledge_all(answers=answers):
            _show(one)
        return
    order = get_purchase_order(number=number or "")
    promised = day.date() if day else None
    given = [_parse(text, currency=order.currency, day=promised, is_backordered=later) for text in line or ()]
    if not given and promised is not None:
        from reorder.domain.purchasing.answers import NewAnswer

        given = [NewAnswer(sku=row.sku, promised_date=promised) for row in order.lines if row.missing_units > 0]
    answer = NewAcknowledgement(
        idempotency_key=reference or f"terminal {moment.isoformat()}",
        acknowledged_at=moment,
        source="terminal",
        supplier_reference=reference,
        recorded_by=by,
        lines=tuple(given),
    )
    _show(restock.acknowledge(number=order.number, answer=answer))


def scorecard(
    supplier: Annotated[str | None, typer.Argument(help="Only this supplier's code.")] = None,
    *,
    days: Annotated[int, typer.Option(min=1, max=1095, help="How many days back.")] = 90,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """How suppliers keep their word: on time, how long, how much, what was wrong."""
    start_application()
    from django.conf import settings

    from reorder.domain.purchasing.queries import get_supplier, list_scorecards
    from reorder.kernel import clock

    if supplier is not None:
        get_supplier(code=supplier)
    today = clock.current_date(time_zone=settings.REORDER.time_zone)
    cards = list_scorecards(today=today, days=days, supplier_code=supplier or "")
    if as_json:
        show_json([_document(card) for card in cards])
        return
    show_entries([_entry(card) for card in cards])


def rates(
    given: Annotated[
        list[str] | None, typer.Argument(help="Rates to save: CURRENCY=RATE, for example USD=32.15.")
    ] = None,
    *,
    day: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From this day on; today if empty.")
    ] = None,
    source: Annotated[str, typer.Option(help="Where the rate is from.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    by: _By,
) -> None:
    """What other currencies are worth in the shop's: save rates, or show those of our suppliers' currencies."""
    start_application()
    from django.conf import settings

    from reorder.domain.purchasing import operations
    from reorder.domain.purchasing.exchange import NewRate
    from reorder.kernel import clock

    today = clock.current_date(time_zone=settings.REORDER.time_zone)
    if not given:
        _show_rates(as_json=as_json)
        return
    rate_date = day.date() if day else today
    found = [
        NewRate(currency=currency, rate_date=rate_date, rate=rate, source=source)
        for currency, rate in map(_parse_rate, given)
    ]
    saved = operations.save_rates(rates=found, saved_by=by, today=today)
    say(_("{count} rates saved.").format(count=saved.rates_count))
    if saved.orders_count:
        say(_("{count} orders without a rate have one now.").format(count=saved.orders_count))


def _show_rates(*, as_json: bool) -> None:
    from reorder.domain.purchasing.queries import list_unvalued_offers, list_used_currencies

    used = list_used_currencies()
    if as_json:
        show_json([{field: getattr(one, field) for field in one.__slots__} for one in used])
        return
    if not used:
        say(_("Every supplier is paid in the shop's currency: no rate is needed."))
        return
    rows = [
        [
            one.currency,
            plain_decimal(number=one.rate) if one.rate else _("no rate"),
            str(one.rate_date or ""),
            str(one.suppliers_count),
            str(one.offers_count),
        ]
        for one in used
    ]
    columns = [_("currency"), _("rate"), _("from"), _("suppliers"), _("offers")]
    show_table(columns=columns, rows=rows, right={1, 3, 4})
    _rows, count = list_unvalued_offers(limit=1)
    if count:
        say(_("{count} offers cannot be compared with others until their currency has a rate.").format(count=count))


def _parse(text: str, *, currency: str, day: dt.date | None, is_backordered: bool) -> "NewAnswer":
    from reorder.domain.purchasing.answers import NewAnswer

    sku, sign, rest = text.rpartition("=")
    if not sign or not sku.strip():
        raise BadAnswerLine(text=text)
    units, _at, more = rest.partition("@")
    price, _at, promised = more.partition("@")
    try:
        return NewAnswer(
            sku=sku.strip(),
            accepted_units=Decimal(units.strip()),
            unit_cost_minor=parse_money(text=price, currency=currency).minor if price.strip() else None,
            promised_date=dt.date.fromisoformat(promised.strip()) if promised.strip() else day,
            is_backordered=is_backordered,
        )
    except (InvalidOperation, ValueError):
        raise BadAnswerLine(text=text) from None


def _parse_rate(text: str) -> tuple[str, Decimal]:
    currency, sign, rate = text.partition("=")
    try:
        value = Decimal(rate.strip())
    except InvalidOperation:
        raise BadRateLine(text=text) from None
    if not sign or not currency.strip():
        raise BadRateLine(text=text)
    return currency.strip().upper(), value


def _show(done: "Acknowledged") -> None:
    order = done.order
    if not done.is_new:
        say(_("This answer to {number} was recorded before; nothing changed.").format(number=order.number))
        return
    say(
        _("{number}: answer recorded, {state}, expected {date}.").format(
            number=order.number, state=word(order.state), date=order.expected_date
        )
    )
    for one in done.lines:
        facts = [word(one.answer), plain_decimal(number=one.accepted_units)]
        if one.released_units:
            facts.append(_("{units} will not come").format(units=plain_decimal(number=one.released_units)))
        if one.promised_date:
            facts.append(str(one.promised_date))
        say(f"  {one.sku}  {'  '.join(facts)}")


def _entry(card: "Scorecard") -> Entry:
    faults = _("{count} faults").format(count=card.discrepancies_count)
    return Entry(
        title=f"{card.supplier_code}  {card.supplier_name}",
        facts=[
            _("on time {share}").format(share=_share(card.on_time_share)),
            _("filled {share}").format(share=_share(card.fill_share)),
            _("half within {days} days").format(days=_number(card.p50_lead_days)),
            _("nine of ten within {days} days").format(days=_number(card.p90_lead_days)),
            faults,
            _("{count} price changes").format(count=card.price_changes_count),
            _("{count} late orders").format(count=card.late_orders_count),
        ],
        reason=_("{count} lines delivered").format(count=card.received_lines)
        + ("" if card.has_enough else f", {_('not enough deliveries yet')}"),
    )


def _document(card: "Scorecard") -> dict[str, Any]:
    shares: Sequence[str] = ("on_time_share", "fill_share", "landed_share", "has_enough", "discrepancies_count")
    own = {field: getattr(card, field) for field in card.__slots__}
    return own | {field: getattr(card, field) for field in shares}


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}".removesuffix(".0")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (acknowledge, scorecard, rates):
        app.command()(command)
