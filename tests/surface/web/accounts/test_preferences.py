"""What a person chooses for themselves: language, look, saved views."""

import pytest
from django.test import Client

from reorder.domain.staff.queries import list_saved_views
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


def test_a_choice_holds_from_the_next_page_on(client: Client) -> None:
    sign_in(client, role="viewer")
    given = {"language": "zh-hant", "theme": "dark", "has_high_contrast": "on", "is_dense": "on"}
    assert client.post("/me/preferences/save", given).headers["Location"] == "/me/preferences"
    page = client.get("/me/preferences").content.decode()
    assert '<html lang="zh-Hant-TW" data-theme="dark" data-contrast="high" data-density="dense">' in page


def test_a_theme_that_is_none_is_refused(client: Client) -> None:
    sign_in(client, role="viewer")
    assert client.post("/me/preferences/save", {"language": "en", "theme": "pink"}).status_code == 422


@pytest.mark.parametrize(
    ("wanted", "landed"),
    [
        ("/products/?tab=all", "/products/?tab=all"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/setup/suppliers/create", "/"),
        ("/no-such-page/", "/"),
        ("", "/"),
        ("/\x00", "/"),
    ],
)
def test_a_change_of_language_leads_back_to_a_page_that_can_be_seen(client: Client, wanted: str, landed: str) -> None:
    answer = client.post("/me/language", {"language": "zh-hant", "next": wanted})
    assert answer.headers["Location"] == landed
    assert client.cookies["reorder_language"].value == "zh-hant"


def test_saved_views_belong_to_one_person(client: Client) -> None:
    mei = sign_in(client, role="owner", name="Mei")
    client.post("/me/views/save", {"page": "setup.suppliers", "name": "Tea", "query": "q=tea", "next": "/setup/"})
    (view,) = list_saved_views(user_id=mei.id, page="setup.suppliers")
    other = Client()
    sign_in(other, role="owner", name="Chen")
    other.post(f"/me/views/{view.id}/delete", {"next": "/setup/"})
    assert list_saved_views(user_id=mei.id, page="setup.suppliers") == [view]
    client.post(f"/me/views/{view.id}/delete", {"next": "/setup/"})
    assert list_saved_views(user_id=mei.id, page="setup.suppliers") == []
