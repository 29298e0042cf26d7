"""The desk Overview: what needs this person now, then the state of the shop, then the last night."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.overview import Overview, Progress, Week, find_progress, summarise_overview
from reorder.kernel import clock
from reorder.kernel.formatting import format_money
from reorder.web.access import desk, get_actor
from reorder.web.context import around_of
from reorder.web.overview.cards import make_cards, say_age


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure with its change and what it means."""

    name: str
    value: str
    change: str
    why: str


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do in a new shop."""

    text: str
    help: str
    url: str
    is_done: bool


@desk()
def index(request: HttpRequest) -> HttpResponse:
    actor = get_actor(request)
    around = around_of(request)
    overview = summarise_overview(actor=actor, today=clock.current_date(time_zone=settings.REORDER.time_zone))
    context = {
        "overview": overview,
        "cards": make_cards(overview=overview, actor=actor, inbox=around.inbox if around else None),
        "age": say_age(overview=overview),
        "figures": _figures(overview),
        "tasks": _tasks(overview, actor) if overview.is_new and overview.progress is None else [],
        "job": _job(overview.progress),
        "may_start_runs": actor.may(Ability.START_RUNS),
        "may_import": actor.may(Ability.IMPORT_FILES),
    }
    return render(request, "overview/index.html", context)


@desk()
def progress(request: HttpRequest) -> HttpResponse:
    """The job alone, asked for every two seconds; when it is over, the browser loads the whole page."""
    job = _job(find_progress())
    answer = render(request, "overview/index.html#job", {"job": job})
    if job is None:
        answer["HX-Refresh"] = "true"
    return answer


def _job(found: Progress | None) -> dict[str, object] | None:
    if found is None:
        return None
    names = {"demo": _("The demonstration is being prepared"), "night": _("The night is running")}
    step = _(found.step.replace("_", " ")) if found.step else ""
    return {"name": names[found.kind], "done": found.done, "total": found.total, "step": step}


def _figures(overview: Overview) -> list[Figure]:
    sales = overview.sales
    if sales is None:
        return []
    recent, previous = sales.recent, sales.previous
    span = _("Seven whole days before {date}, against the seven before them.").format(date=sales.before_date)
    return [
        Figure(
            _("Sales in 7 days"),
            format_money(recent.sales_minor, currency=settings.REORDER.currency),
            _change(recent, previous, "sales_minor"),
            _("Units times price of all placed orders in the shop's currency.") + " " + span,
        ),
        Figure(
            _("Orders in 7 days"),
            f"{recent.orders_count:,}",
            _change(recent, previous, "orders_count"),
            _("Placed orders of all channels.") + " " + span,
        ),
        Figure(
            _("Customers who bought"),
            f"{recent.customers_count:,}",
            _change(recent, previous, "customers_count"),
            _("Different customers with a placed order.") + " " + span,
        ),
    ]


def _change(recent: Week, previous: Week, name: str) -> str:
    before = getattr(previous, name)
    if not before:
        return _("no comparison")
    share = (getattr(recent, name) - before) / before
    if abs(share) < 0.005:
        return _("as in the week before")
    return _("{share:+.0%} on the week before").format(share=share)


def _tasks(overview: Overview, actor: Actor) -> list[Task]:
    """The way from an empty shop to its first night, for those who may walk it."""
    facts = overview.facts
    tasks = [
        (
            Ability.IMPORT_FILES,
            Task(
                _("Import orders, products and stock"),
                _("CSV, Excel or Parquet, from Shopify, WooCommerce or any table. Nothing is taken in unseen."),
                reverse("imports:index"),
                facts.last_order_at is not None and facts.has_products and facts.has_stock,
            ),
        ),
        (
            Ability.MANAGE_SUPPLIERS,
            Task(
                _("Add suppliers and their terms"),
                _("Lead time, pack and minimum: without them nothing can be proposed to buy."),
                reverse("setup:suppliers"),
                facts.has_suppliers,
            ),
        ),
        (
            Ability.START_RUNS,
            Task(
                _("Run the first night"),
                _("It predicts, plans and proposes; from then on it runs by itself while a worker is running."),
                reverse("runs:index"),
                overview.night.run is not None,
            ),
        ),
        (
            Ability.MANAGE_USERS,
            Task(
                _("Add your people"),
                _("Buyers, marketers, warehouse and support each see what they need."),
                reverse("setup:users"),
                facts.people_count > 1,
            ),
        ),
    ]
    return [task for ability, task in tasks if actor.may(ability)]
