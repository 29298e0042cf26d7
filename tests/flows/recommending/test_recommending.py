"""Recommendations in the shop: learned from its orders, ranked for whoever waits, and read past stock and consent."""

import datetime as dt

import pytest

from reorder.domain.catalog import categories
from reorder.domain.catalog.errors import UnknownCategory
from reorder.domain.catalog.models import Category, Product
from reorder.domain.customers.models import Customer
from reorder.domain.inventory import operations as inventory
from reorder.domain.planning import learned
from reorder.domain.planning import recommendations as stored
from reorder.domain.planning.models import Companions, LearnedModel, Recommendation
from reorder.domain.staff.errors import NotAllowed
from reorder.domain.staff.models import AuditEntry
from reorder.flows import recommending
from reorder.flows.nightly import NightReport
from reorder.insights.recommendations import find_likely_basket, list_companions
from tests.factories.inventory import make_place, opening
from tests.factories.recommending import TODAY, companions, nobody, owner, recommended
from tests.factories.shop import AS_OF

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def learned_shop(first_night: NightReport) -> NightReport:
    recommending.learn_baskets(as_of=AS_OF)
    return first_night


def test_nothing_is_learned_from_a_shop_without_orders() -> None:
    done = recommending.learn_baskets(as_of=TODAY)

    assert (done.lines, done.summary, LearnedModel.objects.count()) == (0, "no orders yet", 0)


@pytest.mark.usefixtures("first_night")
def test_without_a_model_nobody_is_ranked() -> None:
    done = recommending.rank_waiting(as_of=AS_OF)

    assert (done.customers, done.model) == (0, "nothing was learned yet")
    assert not Recommendation.objects.exists()


@pytest.mark.usefixtures("learned_shop")
def test_everybody_who_waits_is_ranked_once_and_again_after_a_week() -> None:
    count = Customer.objects.count()

    first = recommending.rank_waiting(as_of=AS_OF)
    again = recommending.rank_waiting(as_of=AS_OF)
    soon = recommending.rank_waiting(as_of=AS_OF + dt.timedelta(days=2))
    later = recommending.rank_waiting(as_of=AS_OF + dt.timedelta(days=8), most=7)

    assert (first.customers, again.customers, soon.customers, later.customers) == (count, 0, 0, 7)
    assert Recommendation.objects.filter(as_of_date=AS_OF).count() == count - 7


@pytest.mark.usefixtures("learned_shop")
def test_a_list_names_products_not_planning_subjects() -> None:
    recommending.rank_waiting(as_of=AS_OF)

    skus = {item["sku"] for row in Recommendation.objects.all() for item in row.items}

    assert skus <= set(Product.objects.values_list("sku", flat=True))
    assert len(skus) > 20


@pytest.mark.usefixtures("learned_shop")
def test_a_damaged_or_foreign_model_ranks_nobody() -> None:
    row = LearnedModel.objects.get(kind="basket")
    LearnedModel.objects.filter(pk=row.pk).update(content=b"torn")

    assert recommending.rank_waiting(as_of=AS_OF).customers == 0
    learned.save_learned(kind="basket", version=1, as_of=AS_OF, content=b"something else", summary="", seconds=0.0)
    assert recommending.rank_waiting(as_of=AS_OF).customers == 0


@pytest.mark.usefixtures("learned_shop")
def test_one_customer_is_ranked_on_demand() -> None:
    customer = Customer.objects.earliest("pk")

    done = recommending.rank_customers(customer_ids=[customer.pk], as_of=AS_OF)

    found = stored.find_recommendation(customer_id=customer.pk)
    assert done.customers == 1
    assert found is not None
    assert found.as_of_date == AS_OF
    assert found.items[0].code.startswith("recommend.")
    assert [one.score for one in found.items] == sorted((one.score for one in found.items), reverse=True)


def test_a_list_survives_any_sku_and_text() -> None:
    odd = 'a"b\\c, 林 🍵'
    recommended(skus=[odd, "OOLONG-150"])

    found = stored.find_recommendation(customer_id=Customer.objects.get().pk)

    assert found is not None
    assert [one.sku for one in found.items] == [odd, "OOLONG-150"]


def test_out_of_stock_and_discontinued_products_are_left_out_and_counted() -> None:
    customer = recommended(skus=["OOLONG-150", "MATCHA-30", "PUERH-357", "GONE-1"])
    make_place()
    matcha = Product.objects.get(sku="MATCHA-30")
    inventory.record_moves(moves=[opening(product_id=matcha.pk, units=3)])
    oolong = Product.objects.get(sku="OOLONG-150")
    inventory.open_levels(product_places=[(oolong.pk, "KEELUNG")])
    Product.objects.filter(sku="PUERH-357").update(state="discontinued")

    basket = find_likely_basket(actor=owner(), customer_id=customer.pk)

    assert basket is not None
    assert [(one.sku, one.available_units) for one in basket.products] == [("MATCHA-30", 3.0), ("GONE-1", None)]
    assert (basket.left_out.out_of_stock, basket.left_out.discontinued, basket.left_out.sensitive) == (1, 1, 0)


def test_sensitive_products_are_shown_only_to_those_who_bought_them() -> None:
    customer = recommended(skus=["OOLONG-150", "MATCHA-30"], codes=["recommend.own", "recommend.popular"])
    private = Category.objects.create(code="private", name="Private", is_sensitive=True)
    Product.objects.update(category=private)

    basket = find_likely_basket(actor=owner(), customer_id=customer.pk)

    assert basket is not None
    assert [one.sku for one in basket.products] == ["OOLONG-150"]
    assert basket.left_out.sensitive == 1


def test_companions_leave_out_what_is_sensitive_unless_the_product_itself_is_of_that_kind() -> None:
    companions(sku="OOLONG-150", others=["MATCHA-30", "PUERH-357"])
    private = Category.objects.create(code="private", name="Private", is_sensitive=True)
    Product.objects.filter(sku="MATCHA-30").update(category=private)

    shown = [one.sku for one in list_companions(actor=owner(), sku="OOLONG-150")]
    Product.objects.filter(sku="OOLONG-150").update(category=private)
    within = [one.sku for one in list_companions(actor=owner(), sku="OOLONG-150")]

    assert (shown, within) == (["PUERH-357"], ["MATCHA-30", "PUERH-357"])


def test_who_may_not_see_customers_sees_no_list() -> None:
    customer = recommended(skus=["OOLONG-150"])

    with pytest.raises(NotAllowed):
        find_likely_basket(actor=nobody(), customer_id=customer.pk)


def test_a_category_is_marked_once_and_the_audit_trail_knows_who_did() -> None:
    Category.objects.create(code="wine", name="Wine")

    for _ in range(2):
        row = categories.set_sensitive(code="wine", is_sensitive=True, decided_by="mei")

    assert row.is_sensitive
    [entry] = AuditEntry.objects.filter(action="catalog.set_sensitive")
    assert (entry.actor, entry.subject_key, entry.details) == ("mei", "wine", {"is_sensitive": True})
    with pytest.raises(UnknownCategory):
        categories.set_sensitive(code="beer", is_sensitive=True, decided_by="mei")


@pytest.mark.usefixtures("learned_shop")
def test_learning_again_replaces_companions() -> None:
    Companions.objects.create(sku="old", as_of_date=TODAY, items=[])

    recommending.learn_baskets(as_of=AS_OF)

    assert not Companions.objects.filter(sku="old").exists()
