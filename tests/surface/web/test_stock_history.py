"""Why is on hand so many: figures run back from what stands there, and a wrong move is taken back once."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from reorder.domain.inventory import queries
from reorder.domain.inventory.models import Move
from reorder.flows import stock_changes
from reorder.flows.stock_changes import Adjustment
from reorder.insights.stock_history import list_history
from tests.factories.inventory import KEELUNG, MORNING
from tests.factories.order_life import placed, released
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def corrected(change: int, *, reason: str = "broken") -> int:
    line = Adjustment(sku="OOLONG-150", place_code=KEELUNG, change_units=Decimal(change))
    stock_changes.adjust_stock(lines=[line], reason=reason, change_key=reason, actor=MERCHANT, moment=MORNING)
    return int(Move.objects.latest("pk").pk)


def history(product_id: int, tab: str = "all") -> list[tuple[str, int, int]]:
    page = list_history(product_id=product_id, place_code=KEELUNG, tab=tab)
    return [(line.kind, int(line.on_hand), int(line.allocated)) for line in page.lines]


def test_each_move_stands_beside_what_was_there_after_it() -> None:
    oolong = stock_up(units=10)
    placed(("OOLONG-150", 3))
    corrected(-2)

    # In the order in which it was booked: the correction was entered late.
    assert history(oolong) == [("adjust", 8, 3), ("allocate", 10, 3), ("opening", 10, 0)]
    assert [line[:2] for line in history(oolong, "on_hand")] == [("adjust", 8), ("opening", 10)]
    assert [(kind, left) for kind, _on_hand, left in history(oolong, "promises")] == [("allocate", 3)]


def test_pages_run_on_where_the_last_one_ended() -> None:
    oolong = stock_up(units=10)
    for number in range(5):
        corrected(-1, reason=f"broken {number}")
    whole = list_history(product_id=oolong, place_code=KEELUNG, tab="on_hand")

    after, found = None, []
    while True:
        page = list_history(product_id=oolong, place_code=KEELUNG, tab="on_hand", after=after, limit=2)
        found += [(line.id, line.on_hand) for line in page.lines]
        after = page.after
        if after is None:
            break

    assert found == [(line.id, line.on_hand) for line in whole.lines]
    assert [int(on_hand) for _id, on_hand in found] == [5, 6, 7, 8, 9, 10]


def test_a_person_takes_a_wrong_move_back_and_only_once(client: Client) -> None:
    oolong = stock_up(units=10)
    move = corrected(-2)
    sign_in(client)
    undo = reverse("products:undo_move", args=[oolong])
    given = {"move": move, "place": KEELUNG, "reason": "they were found again"}

    client.post(undo, given)
    client.post(undo, given)

    assert history(oolong) == [("adjust", 10, 0), ("adjust", 8, 0), ("opening", 10, 0)]
    counter = Move.objects.latest("pk")
    assert (counter.cause_kind, counter.cause_key) == ("counter_move", "they were found again")
    page = client.get(reverse("products:stock", args=[oolong]), {"place": KEELUNG}).content.decode()
    assert "taken back" in page
    assert queries.compare_ledger_with_levels() == []


def test_a_promise_is_not_taken_back_here_and_goods_that_are_promised_do_not_go(client: Client) -> None:
    oolong = stock_up(units=0)
    found = corrected(3, reason="found")
    released(("OOLONG-150", 3))
    allocate = Move.objects.get(kind="allocate").pk
    sign_in(client)

    for move in (allocate, found, 0):
        answer = client.post(
            reverse("products:undo_move", args=[oolong]), {"move": move, "place": KEELUNG, "reason": "no"}, follow=True
        )
        assert answer.status_code == 200

    assert [kind for kind, _on_hand, _allocated in history(oolong)] == ["allocate", "adjust"]


def test_the_page_links_the_order_and_its_export_holds_every_move(client: Client) -> None:
    oolong = stock_up(units=10)
    order = placed(("OOLONG-150", 3))
    sign_in(client)

    page = client.get(reverse("products:stock", args=[oolong]), {"place": KEELUNG, "tab": "promises"}).content.decode()
    file = b"".join(
        client.get(reverse("products:stock_export", args=[oolong]), {"place": KEELUNG, "tab": "all", "format": "csv"})
    )

    assert reverse("orders:order", args=[order]) in page
    assert file.count(b"\n") == 3


@pytest.mark.parametrize("after", ["x", "WzFd", "WzEsIngiLCIxIl0"])
def test_an_address_that_cannot_be_read_is_refused(client: Client, after: str) -> None:
    oolong = stock_up(units=1)
    sign_in(client)

    assert client.get(reverse("products:stock", args=[oolong]), {"after": after}).status_code == 422
