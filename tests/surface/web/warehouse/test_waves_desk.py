"""The pages of waves: what could be picked together, a wave with its walk, its lists, and what may be done with it."""

import pytest
from django.core.cache import cache
from django.test import Client

from reorder.domain.catalog.models import Product
from reorder.domain.shipping.models import LabelBatch, Parcel
from reorder.domain.warehouse.models import FulfilmentOrder, PickBatch, Wave
from reorder.flows import waves
from tests.factories.order_life import placed
from tests.factories.packing import lay_cartons
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.staff import make_person, sign_in
from tests.factories.walking import LATER, batch_of, lay_floor, pick_all, put_in, wave_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> None:
    cache.clear()
    stock_up(units=20)
    stock_up(sku="CUP", units=20)
    lay_floor()
    put_in("A-02", units=20)
    put_in("B-01", sku="CUP", units=20)
    for number in range(3):
        placed(("OOLONG-150", 2), ("CUP", 1), external_id=f"A-{number}")


def test_a_wave_is_released_from_its_card_and_a_worker_plans_it(client: Client, shop: None) -> None:
    sign_in(client, role="warehouse")
    page = client.get("/warehouse/waves/")
    assert "3 orders wait to be picked." in page.content.decode()
    key = page.context["proposals"][0][0].key

    answer = client.post("/warehouse/waves/make/", {"place": "KEELUNG", "key": key}, follow=True)

    wave = Wave.objects.get()
    assert answer.redirect_chain == [(f"/warehouse/waves/{wave.pk}/", 302)]
    assert "being released" in answer.content.decode()
    waves.run_release(wave_id=wave.pk, asked_by="warehouse", moment=LATER)
    said = client.get(f"/warehouse/waves/{wave.pk}/").content.decode()
    assert "0 / 6" in said
    assert "floor-walk" in said


def test_a_proposal_that_is_gone_is_told_on_the_list(client: Client, shop: None) -> None:
    sign_in(client, role="warehouse")

    answer = client.post("/warehouse/waves/make/", {"place": "KEELUNG", "key": "20200101T0000-x"}, follow=True)

    assert "nothing waits for this wave any more" in answer.content.decode()
    assert Wave.objects.count() == 0


def test_pages_of_a_wave_cost_few_queries(client: Client, shop: None, django_assert_max_num_queries: object) -> None:
    wave_id = wave_at()
    batch = batch_of(wave_id)
    sign_in(client, role="warehouse")
    for address in ("/warehouse/waves/", f"/warehouse/waves/{wave_id}/", f"/warehouse/batches/{batch.pk}/"):
        client.get(address)
        with django_assert_max_num_queries(14):  # type: ignore[operator]
            assert client.get(address).status_code == 200


def test_pick_lists_are_printed_in_both_languages(client: Client, shop: None) -> None:
    wave_id = wave_at()
    sign_in(client, role="warehouse")
    for language in ("en", "zh-hant"):
        answer = client.get(f"/warehouse/waves/{wave_id}/print/?language={language}")
        assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    pick_all(batch_of(wave_id))
    assert client.get(f"/warehouse/waves/{wave_id}/print/?batch={batch_of(wave_id).pk}").status_code == 200


def test_a_batch_is_given_only_to_who_picks_there(client: Client, shop: None) -> None:
    batch = batch_of(wave_at())
    make_person(role="warehouse", name="aki")
    make_person(role="marketer", name="ben")
    sign_in(client, role="owner")

    client.post(f"/warehouse/batches/{batch.pk}/assign/", {"to": "ben"})
    assert PickBatch.objects.get().assigned_to == ""
    client.post(f"/warehouse/batches/{batch.pk}/assign/", {"to": "aki"})
    assert PickBatch.objects.get().assigned_to == "aki"


def test_a_wave_of_another_place_is_not_there(client: Client, shop: None) -> None:
    wave_id = wave_at()
    batch = batch_of(wave_id)
    sign_in(client, role="warehouse", name="taipei", places=["TAIPEI"])

    for address in (
        f"/warehouse/waves/{wave_id}/", f"/warehouse/waves/{wave_id}/print/", f"/warehouse/batches/{batch.pk}/",
    ):  # fmt: skip
        assert client.get(address).status_code == 404
    assert client.post(f"/warehouse/waves/{wave_id}/cancel/").status_code == 404


def test_how_a_place_picks_is_checked_and_kept(client: Client, shop: None) -> None:
    sign_in(client, role="warehouse")
    given = {"place": "KEELUNG", "cart_totes": 2, "tote_units": 5, "wave_orders": 100, "lead_minutes": 60}

    wrong = client.post("/warehouse/waves/picking/", given | {"cart_totes": 0})
    right = client.post("/warehouse/waves/picking/", given)

    assert (wrong.status_code, right.status_code) == (422, 302)
    wave_id = wave_at()
    # Two totes a cart: three orders are two batches.
    assert sorted(PickBatch.objects.filter(wave_id=wave_id).values_list("totes", flat=True)) == [1, 2]


def test_a_wave_is_split_and_cancelled(client: Client, shop: None) -> None:
    sign_in(client, role="warehouse")
    client.post(
        "/warehouse/waves/picking/",
        {"place": "KEELUNG", "cart_totes": 1, "tote_units": 5, "wave_orders": 100, "lead_minutes": 60},
    )
    wave_id = wave_at()
    batches = list(PickBatch.objects.filter(wave_id=wave_id).order_by("number"))
    assert len(batches) == 3

    client.post(f"/warehouse/waves/{wave_id}/split/", {"batch": [batches[0].pk]})
    other = Wave.objects.exclude(pk=wave_id).get()
    client.post(f"/warehouse/waves/{wave_id}/cancel/")

    assert (other.state, Wave.objects.get(pk=wave_id).state) == ("released", "cancelled")
    assert pick_all(PickBatch.objects.get(wave=other)) == "done"
    # Those of the cancelled one can be in another.
    assert waves.propose_waves(place_code="KEELUNG", actor=MERCHANT)[0].orders_count == 2


def test_labels_of_a_wave_are_asked_for_by_one_button(client: Client, shop: None) -> None:
    lay_cartons()
    Product.objects.update(length_mm=100, width_mm=80, height_mm=60, weight_grams=200)
    wave_id = wave_at()
    other = placed(("CUP", 1), external_id="A-9")
    for batch in PickBatch.objects.filter(wave_id=wave_id):
        pick_all(batch)
    sign_in(client, role="warehouse")
    none = client.post(f"/warehouse/waves/{wave_id}/labels/", follow=True).content.decode()
    assert "Buy labels for" not in none
    for part in FulfilmentOrder.objects.exclude(order_id=other):
        client.post(f"/orders/parcels/{part.pk}/pack/")
    assert "Buy labels for 3 parcels" in client.get(f"/warehouse/waves/{wave_id}/").content.decode()

    answer = client.post(f"/warehouse/waves/{wave_id}/labels/")

    made = LabelBatch.objects.get()
    assert answer.headers["Location"] == f"/warehouse/parcels/labels/batches/{made.pk}/"
    assert sorted(made.parcel_ids) == sorted(Parcel.objects.values_list("pk", flat=True))
    assert (made.place_code, made.started_by) == ("KEELUNG", "warehouse")
