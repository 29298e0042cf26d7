"""A customer's due dates say how far off such dates were, and lead to the page that shows it."""

import datetime as dt
import html
import re
from collections.abc import Iterator

import pytest
from django.test import Client

from reorder.insights.quality import find_date_errors, forget_date_errors
from tests.factories.catalog import make_product
from tests.factories.customers import NOW, TODAY, due
from tests.factories.messaging import make_reader, make_run
from tests.factories.quality import make_backtests
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("REORDER_CLOCK", NOW)
    forget_date_errors()
    yield
    forget_date_errors()


def page_of_mei(client: Client) -> str:
    """Mei buys oolong in a rhythm of her own."""
    mei, run = make_reader(key="C-001", name="王美玲"), make_run()
    make_product()
    due(run=run, customer=mei, day=TODAY + dt.timedelta(days=4))
    sign_in(client)
    answer = client.get(f"/customers/{mei.pk}/")
    return html.unescape(re.sub(r"\s+", " ", answer.content.decode()))


def test_due_dates_say_how_far_off_such_dates_were(client: Client) -> None:
    make_backtests()
    days = f"{find_date_errors()['pair'].mean_days:.1f}"
    page = page_of_mei(client)
    assert f"Lately such dates were off by {days} days on average, where a product was bought before" in page
    assert f'<a href="/insights/prediction-quality/">{days} days on average</a>' in page


def test_where_nobody_has_looked_back_nothing_is_said(client: Client) -> None:
    page = page_of_mei(client)
    assert "were off by" not in page
    assert "Oolong" in page
