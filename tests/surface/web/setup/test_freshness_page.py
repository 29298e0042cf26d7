"""Setup: how long goods of a category, or all goods, must still keep when they are promised."""

import re

import pytest
from django.test import Client

from reorder.domain.catalog.models import Category
from reorder.domain.inventory.promise_terms import list_fresh_rules, rules_for
from reorder.domain.staff.queries import list_audit
from reorder.kernel.clock import current_moment
from tests.factories.catalog import make_product
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
PUT = "/setup/freshness/put"


def rules() -> list[tuple[str | None, str, int]]:
    return [(one.category_code, one.channel, one.minimum_days) for one in list_fresh_rules(product_id=None)]


def test_a_rule_of_a_category_is_laid_down_heeded_changed_and_taken_back(client: Client) -> None:
    sign_in(client, role="owner", name="Mei")
    oolong = make_product()
    tea = Category.objects.create(code="tea", name="Tea")
    type(oolong).objects.filter(pk=oolong.pk).update(category=tea)

    assert client.post(PUT, {"category": "tea", "channel": "portal", "minimum_days": "30"}).status_code == 302
    assert client.post(PUT, {"category": "", "channel": "", "minimum_days": "7"}).status_code == 302

    assert rules() == [(None, "", 7), ("tea", "portal", 30)]
    for channel, days in (("portal", 30), ("shop", 7)):
        heeded = rules_for(channel=channel, product_ids=[oolong.pk], moment=current_moment())
        assert heeded.fresh_days == {oolong.pk: days}

    rule_id = list_fresh_rules(product_id=None)[1].id
    page = client.get(f"/setup/freshness/?rule={rule_id}").content.decode()
    assert re.findall(r'name="(category|channel|minimum_days)" value="([^"]*)"', page) == [
        ("category", "tea"),
        ("channel", "portal"),
        ("minimum_days", "30"),
    ]
    client.post(PUT, {"category": "tea", "channel": "pos", "minimum_days": "45", "rule": str(rule_id)})
    assert rules() == [(None, "", 7), ("tea", "pos", 45)]

    for one in list_fresh_rules(product_id=None):
        client.post(f"/setup/freshness/{one.id}/remove")
    assert rules() == []
    trail = [(row.action, row.subject_key, row.details.get("minimum_days")) for row in list_audit(limit=10)]
    assert [row for row in reversed(trail) if row[0].startswith("inventory.")] == [
        ("inventory.set_fresh_days", "tea", 30),
        ("inventory.set_fresh_days", "*", 7),
        ("inventory.set_fresh_days", "tea", 45),
        ("inventory.drop_fresh_days", "tea", 30),
        ("inventory.drop_fresh_days", "*", 7),
        ("inventory.drop_fresh_days", "tea", 45),
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"category": "no-such", "minimum_days": "3"}, "There is no category no-such."),
        ({"category": "a\x00b", "minimum_days": "3"}, "Null characters are not allowed."),
        ({"minimum_days": "-1"}, "Ensure this value is greater than or equal to 0."),
        ({"minimum_days": "soon"}, "Enter a whole number."),
        ({"channel": "x" * 61, "minimum_days": "1"}, "Ensure this value has at most 60 characters"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_beside_its_field(client: Client, given: dict[str, str], said: str) -> None:
    sign_in(client, role="owner")
    answer = client.post(PUT, given)
    assert (answer.status_code, rules()) == (422, [])
    assert said in answer.content.decode()


def test_who_may_not_change_products_lays_no_rule_down(client: Client) -> None:
    sign_in(client, role="warehouse")
    assert client.post(PUT, {"minimum_days": "3"}).status_code == 403
    assert rules() == []
