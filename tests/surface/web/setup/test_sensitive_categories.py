"""The page of sensitive categories: found, marked, taken back; nonsense is told, not crashed on."""

import html
import re

import pytest
from django.test import Client

from reorder.domain.catalog.models import Category
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_a_category_is_found_marked_and_taken_back(client: Client) -> None:
    Category.objects.create(code="WINE", name="Wine & spirits")
    Category.objects.create(code="TEA", name="Tea")
    sign_in(client, role="owner")

    found = text_of(client, "/setup/categories/?q=wine")
    client.post("/setup/categories/change", {"code": "WINE", "is_sensitive": "yes", "q": "wine"})
    marked = text_of(client, "/setup/categories/")
    is_marked = Category.objects.get(code="WINE").is_sensitive
    client.post("/setup/categories/change", {"code": "WINE"})

    assert "Wine & spirits WINE Mark as sensitive" in found
    assert "Tea" not in found.split("All other categories")[1]
    assert is_marked
    assert "Wine & spirits WINE Take back" in marked
    assert not Category.objects.get(code="WINE").is_sensitive


@pytest.mark.parametrize("code", ["", "no such", "a\x00b", "%"])
def test_a_category_that_is_not_there_is_told(client: Client, code: str) -> None:
    sign_in(client, role="owner")

    answer = client.post("/setup/categories/change", {"code": code, "is_sensitive": "yes"}, follow=True)

    assert answer.status_code == 200
    assert "There is no such category any more." in answer.content.decode()


def test_a_search_takes_every_sign_for_itself(client: Client) -> None:
    Category.objects.create(code="50%", name="50% off")
    Category.objects.create(code="TEA", name="Tea")
    sign_in(client, role="owner")

    assert "Tea" not in text_of(client, "/setup/categories/?q=%25").split("All other categories")[1]
    assert "No other category has this" in text_of(client, "/setup/categories/?q=%00%5C_nothing")
