"""What holds for every page: language, headers, refusals, errors with a reference."""

import re

import pytest
from django.test import Client

from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


def test_a_stranger_is_sent_to_sign_in_and_back(client: Client) -> None:
    answer = client.get("/buying/?tab=all")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/buying/%3Ftab%3Dall")


def test_no_page_may_run_or_load_anything_from_elsewhere(client: Client) -> None:
    sign_in(client)
    answer = client.get("/style/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert (answer["X-Frame-Options"], answer["X-Content-Type-Options"]) == ("DENY", "nosniff")
    text = answer.content.decode()
    assert not re.search(r"<[^>]+ (?:style|on\w+)=", text)
    assert not re.search(r"(?:src|href)=\"https?://", text)


def test_the_language_is_the_persons_then_the_cookies_then_the_browsers(client: Client) -> None:
    asked = {"HTTP_ACCEPT_LANGUAGE": "zh-TW,zh;q=0.9"}
    assert 'lang="zh-Hant-TW"' in client.get("/account/login/", **asked).content.decode()
    client.post("/me/language", {"language": "en", "next": "/account/login/"})
    assert 'lang="en"' in client.get("/account/login/", **asked).content.decode()
    sign_in(client, language="zh-hant")
    assert 'lang="zh-Hant-TW"' in client.get("/style/").content.decode()


def test_choosing_a_language_leads_back_and_never_to_another_site(client: Client) -> None:
    sign_in(client)
    answer = client.post("/me/language", {"language": "zh-hant", "next": "/style/"})
    assert answer["Location"] == "/style/"
    answer = client.post("/me/language", {"language": "zh-hant", "next": "https://evil.example/"})
    assert answer["Location"] == "/"
    assert client.get("/me/preferences").context["user"].language == "zh-hant"


def test_an_unknown_page_says_so_with_a_reference(client: Client) -> None:
    sign_in(client)
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert answer["X-Request-Id"] in answer.content.decode()
    assert "There is no such page" in answer.content.decode()


def test_a_role_that_may_not_is_refused_in_words(client: Client) -> None:
    sign_in(client, role="warehouse")
    answer = client.get("/customers/")
    assert answer.status_code == 403
    assert "warehouse is not allowed to do this (view customers)." in answer.content.decode()


def test_an_error_in_a_part_of_a_page_is_a_fragment(client: Client) -> None:
    sign_in(client, role="warehouse")
    answer = client.get("/customers/", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert "<html" not in answer.content.decode()


def test_get_is_for_showing_and_post_for_acting(client: Client) -> None:
    sign_in(client)
    assert client.get("/me/preferences/save").status_code == 405
    assert client.post("/style/").status_code == 405


def test_a_form_of_another_site_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client)
    answer = client.post("/me/preferences/save", {"language": "en"})
    assert answer.status_code == 403
    assert "This form is too old or came from another site." in answer.content.decode()


def test_forwarded_headers_count_from_trusted_proxies_only(client: Client) -> None:
    sign_in(client)
    client.get("/style/", headers={"X-Forwarded-For": "203.0.113.9"})
    assert client.get("/style/", headers={"X-Forwarded-For": "203.0.113.9"}).wsgi_request.client_address == "127.0.0.1"


def test_a_saved_view_is_a_tab_of_ones_own(client: Client) -> None:
    sign_in(client)
    client.post(
        "/me/views/save", {"page": "customers", "name": " Loyal  tea ", "query": "tab=loyal", "next": "/customers/"}
    )
    from reorder.domain.staff.queries import list_saved_views

    person = client.get("/me/preferences").context["user"]
    (saved,) = list_saved_views(user_id=person.pk, page="customers")
    assert (saved.name, saved.query) == ("Loyal tea", "tab=loyal")
    other = Client()
    sign_in(other, role="viewer")
    other.post(f"/me/views/{saved.id}/delete", {"next": "/"})
    assert list_saved_views(user_id=person.pk, page="customers") == [saved]
    client.post(f"/me/views/{saved.id}/delete", {"next": "/"})
    assert list_saved_views(user_id=person.pk, page="customers") == []


def test_a_saved_view_without_a_name_is_refused(client: Client) -> None:
    sign_in(client)
    answer = client.post("/me/views/save", {"page": "customers", "name": "  ", "query": "", "next": "/"})
    assert answer.status_code == 422
    assert "it needs a name" in answer.content.decode()


def test_the_answer_of_a_form_opened_by_itself_leads_back_in_words(client: Client) -> None:
    sign_in(client)
    answer = client.get("/me/preferences/save", headers={"Referer": "http://testserver/me/preferences?x=1"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Go back to the page with the form." in answer.content.decode()


def test_choosing_a_language_on_the_answer_of_a_form_leads_to_the_form(client: Client) -> None:
    sign_in(client)
    bad = {"page": "customers", "name": "", "query": "", "next": "/"}
    shown = client.post("/me/views/save", bad, headers={"Referer": "http://testserver/customers/?tab=all"})
    assert '<input type="hidden" name="next" value="/customers/?tab=all">' in shown.content.decode()
    shown = client.post("/me/views/save", bad, headers={"Referer": "https://evil.example/"})
    assert '<input type="hidden" name="next" value="/">' in shown.content.decode()
