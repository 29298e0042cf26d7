"""The page of one return: what comes next, the goods with their grades, pictures, money, and what happened."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from reorder.domain.customers.return_requests import list_return_requests
from reorder.domain.shipping.back_parcels import find_back_state
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.warehouse.return_rule_book import GradeRow, list_grades
from reorder.domain.warehouse.returns import PieceRow
from reorder.flows.returns.settling import refundable_of
from reorder.insights.returns import ReturnPage, get_return_page
from reorder.kernel.formatting import format_money, format_units
from reorder.web import return_words as words
from reorder.web.access import get_actor
from reorder.web.orders.events import shown_events
from reorder.web.returns.forms import GradeForm, RedisposeForm, SendForm, SettleForm, TrackingForm, WordForm

_FLOOR = (Ability.FULFIL_ORDERS, Ability.EDIT_STOCK)


def show_return(
    request: HttpRequest,
    return_id: int,
    *,
    forms: Mapping[str, Any] | None = None,
    fault: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page, with forms that were refused in place of fresh ones."""
    actor = get_actor(request)
    page = get_return_page(actor=actor, return_id=return_id)
    context = _context(actor=actor, page=page, given=dict(forms or {})) | {"fault": fault}
    return render(request, "returns/detail.html", context, status=status)


def _context(*, actor: Actor, page: ReturnPage, given: dict[str, Any]) -> dict[str, Any]:
    row, held = page.row, page.held
    grades = {one.code: one for one in list_grades()} if held.pieces else {}
    may_decide = actor.may(Ability.MANAGE_ORDERS)
    may_work = any(actor.may(one) for one in _FLOOR)
    return {
        "row": row,
        "held": held,
        "state": words.mark(row.state, templates=words.STATE_TEMPLATES),
        "step": _step(page),
        "facts": _facts(page),
        "lines": [_line(page, one) for one in held.lines],
        "pieces": [_piece(one, grades=grades, given=given, state=row.state) for one in held.pieces],
        "photos": page.photos,
        "request_photo": _request_photo(page),
        "events": shown_events(page.events, currency=row.currency),
        "may_decide": may_decide,
        "may_label": actor.may(Ability.FULFIL_ORDERS),
        "may_work": may_work,
        "may_cancel": may_decide and row.state in {"requested", "accepted", "sent", "under_way"} and not held.pieces,
        "word_form": given.get("word_form") or WordForm(prefix="answer"),
        "send_form": given.get("send_form")
        or SendForm(
            prefix="send",
            initial={
                "way_back": held.way_back,
                "carrier": held.carrier,
                "tracking_number": held.tracking_number,
            },
        ),
        "tracking_form": given.get("tracking_form") or TrackingForm(prefix="track"),
        "settle_form": _settle_form(page, given),
        "worth": _worth(page) if row.state == "inspected" else "",
        "receive_lines": [_line(page, one) for one in held.lines if one.units > one.received_units],
        "currency": row.currency,
    }


def _step(page: ReturnPage) -> str:
    """What comes next, in a sentence."""
    state = page.row.state
    if state == "under_way" and find_back_state(return_id=page.row.id) == "delivered":
        return _(
            "Its carrier says that the parcel has arrived: it is to be received. Scan it on the floor or count it."
        )
    said = {
        "requested": _("Somebody asks to send goods back. Accept or decline it, with a word to the customer."),
        "accepted": _("Send the customer the slip or a label. Then the goods are awaited."),
        "sent": _("The goods are awaited. When the parcel is here, scan it on the floor or count it below."),
        "under_way": _("The goods are on their way. When the parcel is here, scan it on the floor or count it below."),
        "received": _("The goods are here and kept apart. Say how each of them is."),
        "inspected": _("Everything is graded. Decide what the customer gets."),
        "closed": _("It is closed: {what}.").format(what=_closing(page)),
        "declined": _("It was declined; the goods stay with the customer."),
        "cancelled": _("It was called off; the goods stay with the customer."),
        "expired": _("The goods never came; they can be asked for again."),
    }
    return said.get(state, state)


def _closing(page: ReturnPage) -> str:
    row = page.row
    what = words.said(row.resolution or "none", templates=words.WANTS_TEMPLATES)
    return f"{what} · {format_money(row.refund_minor, currency=row.currency)}" if row.refund_minor else what


def _facts(page: ReturnPage) -> list[tuple[str, str]]:
    row, held = page.row, page.held
    facts = [
        (_("Reason"), words.said(row.reason, templates=words.REASON_TEMPLATES)),
        (_("Wants"), words.said(row.wants, templates=words.WANTS_TEMPLATES)),
        (_("Way back"), words.said(held.way_back, templates=words.WAY_TEMPLATES)),
        (_("Who pays"), words.said(held.payer, templates=words.PAYER_TEMPLATES)),
        (_("To"), held.place_code),
    ]
    if held.payer == "customer" and held.fee_minor:
        facts.append((_("Kept for the way back"), format_money(held.fee_minor, currency=row.currency)))
    if held.tracking_number or held.carrier:
        facts.append((_("Parcel"), " ".join(filter(None, [held.carrier, held.tracking_number]))))
    return facts


def _line(page: ReturnPage, line: Any) -> dict[str, Any]:
    sold = page.sold[line.order_line_id]
    return {
        "id": line.id,
        "product_id": sold.product_id,
        "name": sold.name,
        "sku": sold.sku,
        "announced": format_units(line.announced_units),
        "received": format_units(line.received_units),
        "left": line.units - line.received_units,
        "is_missing": line.announced_units > line.received_units and page.row.state != "requested",
        "worth": format_money(line.refund_minor, currency=page.row.currency) if line.refund_minor else "",
    }


def _piece(piece: PieceRow, *, grades: Mapping[str, GradeRow], given: dict[str, Any], state: str) -> dict[str, Any]:
    initial = {"units": piece.units.normalize(), "piece": piece.id, "seen": piece.units}
    wrong = given.get("grade_form") if given.get("grade_piece") == piece.id else None
    again = given.get("redispose_form") if given.get("grade_piece") == piece.id else None
    return {
        "row": piece,
        "units": format_units(piece.units),
        "grade": words.grade_word(grades[piece.grade]) if piece.grade else "",
        "disposition": words.mark(piece.disposition, templates=words.DISPOSITION_TEMPLATES)
        if piece.disposition
        else "",
        "why": words.reason_of_disposition(piece.reason) if piece.reason else "",
        "form": (
            wrong
            or GradeForm(prefix="grade", auto_id=f"id_{piece.id}_%s", initial=initial, grades=list(grades.values()))
        )
        if not piece.grade and state in {"under_way", "received"}
        else None,
        "again": (again or RedisposeForm(prefix="again", auto_id=f"id_again_{piece.id}_%s", initial=initial))
        if piece.grade and not piece.is_ended
        else None,
    }


def _request_photo(page: ReturnPage) -> int | None:
    wishes = list_return_requests(order_id=page.row.order_id) if page.held.request_id else []
    return next((one.id for one in wishes if one.id == page.held.request_id and one.has_photo), None)


def _settle_form(page: ReturnPage, given: dict[str, Any]) -> Any:
    return given.get("settle_form") or SettleForm(prefix="settle", initial={"resolution": page.row.wants})


def _worth(page: ReturnPage) -> str:
    return format_money(refundable_of(held=page.held, sold=page.sold), currency=page.row.currency)


def read_units(text: str) -> Decimal | None:
    """Units as somebody typed them; None for nothing, not a number for what cannot be read."""
    plain = text.strip()[:20]
    if not plain:
        return None
    try:
        return Decimal(plain)
    except ArithmeticError:
        return Decimal("NaN")
