"""What messages of journeys are worth: the better one goes, the lesser one is moved, whichever journey asked first."""

import dataclasses
from typing import Any

import pytest
from django.conf import LazySettings

from reorder.domain.customers.models import Customer
from reorder.domain.marketing.effect_figures import FigureRow, replace_figures
from reorder.domain.marketing.journeys.worth import Bounds, ExtraOrders, extra_orders, order_margin
from reorder.domain.marketing.waiting_models import WaitingMessage
from reorder.domain.marketing.wanted import WantedMessage
from reorder.domain.messaging.models import OutboxMessage
from reorder.flows.content.ready_made import lay_down
from reorder.flows.journeys.valuing import value_messages
from tests.factories.catalog import make_product
from tests.factories.customers import value
from tests.factories.journeys import DAY, document, happen, run_journey
from tests.factories.messaging import MORNING, NIGHT, SUNDAY, make_customer, make_reader, make_run

pytestmark = pytest.mark.django_db


def test_what_is_usual_holds_until_the_comparison_says_otherwise() -> None:
    assert extra_orders(kind="cart_left", bounds=None) == ExtraOrders(0.04, is_measured=False)
    assert extra_orders(kind="entered_segment", bounds=None).share == 0.01
    cases = [
        ((float("-inf"), float("inf")), (0.04, False)),
        ((0.01, 0.2), (0.04, False)),
        ((0.06, 0.2), (0.06, True)),
        ((-0.02, 0.03), (0.03, True)),
        ((-0.05, -0.01), (0.0, True)),
    ]
    for given, (share, is_measured) in cases:
        assert extra_orders(kind="cart_left", bounds=Bounds(*given)) == ExtraOrders(share, is_measured), given
    assert order_margin(kind="cart_left", goods_minor=[300.0, 100.0], usual_minor=900.0) == 400
    assert order_margin(kind="viewed", goods_minor=[300.0, 100.0], usual_minor=900.0) == 200
    assert order_margin(kind="birthday", goods_minor=[], usual_minor=900.0) == 900


def test_the_better_message_goes_and_the_lesser_waits_whichever_came_first(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, messages_per_week=2)
    make_product()
    lay_down(laid_by="ann", moment=NIGHT, codes=("browse-left", "cart-left"))
    for code, fact in (("browse-left", "viewed"), ("cart-left", "carted")):
        step = {"ask": {"kind": "message", "template": code, "stock_rule": "ignore", "next": None}}
        run_journey(code=code, given=document(facts=[fact], steps=step))
    mei, yun = make_reader(), make_reader(key="yun")

    happen(mei, "viewed", subject="OOLONG-150")
    happen(mei, "carted", subject="OOLONG-150")
    happen(yun, "carted", subject="OOLONG-150")
    happen(yun, "viewed", subject="OOLONG-150")

    # NT$250 are earned by the tea, of which 1 % is less than 3 %: the look at it waits for another day.
    planned = OutboxMessage.objects.filter(state="planned").values_list("customer__key", "source_key", "send_after")
    assert sorted(planned) == [
        ("mei", "browse-left", MORNING + DAY),
        ("mei", "cart-left", MORNING),
        ("yun", "cart-left", MORNING),
    ]
    waiting = WaitingMessage.objects.values_list("customer__key", "source_key", "look_at", "value_minor")
    assert list(waiting) == [("yun", "browse-left", MORNING + DAY, 250.0)]


def test_worth_comes_from_goods_or_the_usual_order_and_from_what_was_measured() -> None:
    make_product()
    make_product(sku="MATCHA-100", unit_cost_minor=None)
    mei, yun = make_customer(), make_customer(key="yun")
    value(run=make_run(), customer=mei)

    def worth(kind: str, *, customer: Customer = mei, skus: tuple[str, ...] = (), **changes: Any) -> float:
        wanted = WantedMessage(
            key="k", customer_id=customer.pk, purpose=changes.pop("purpose", "marketing"), source_kind="journey",
            source_key="tea", step_key="ask", template_code="t", earliest_at=NIGHT, latest_at=NIGHT, reason_code="r",
            skus=skus, variables={"fact": kind}, **changes,
        )  # fmt: skip
        (valued,) = value_messages(wanted=[wanted])
        return valued.value_minor

    # Mei's usual order is NT$1,200, of which 25/45 are earned; matcha, whose cost nobody knows, earns as much of NT$450.
    assert worth("birthday") == pytest.approx(0.02 * 120_000 * 25 / 45, abs=0.01)
    assert worth("cart_left", skus=("OOLONG-150", "MATCHA-100")) == 0.04 * 50_000
    assert worth("viewed", skus=("OOLONG-150", "MATCHA-100")) == 0.01 * 25_000
    assert worth("birthday", customer=yun) == 0
    assert worth("birthday", value_minor=77.0) == 77
    assert worth("birthday", purpose="transactional") == 0
    figure = FigureRow(
        as_of_date=SUNDAY, source_kind="journey", source_key="tea", step_key="", variant="", measure="orders",
        treated_count=900, held_out_count=100, treated_value=0.3, held_out_value=0.2, difference=0.1, low=0.08,
        high=0.12, is_always_valid=True,
    )  # fmt: skip
    replace_figures(as_of=SUNDAY, figures=[figure])
    assert worth("viewed", skus=("OOLONG-150",)) == 0.08 * 25_000
    replace_figures(as_of=SUNDAY, figures=[figure, dataclasses.replace(figure, step_key="ask", low=-0.2, high=-0.1)])
    assert worth("viewed", skus=("OOLONG-150",)) == 0
