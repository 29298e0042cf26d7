"""Requests about personal data that nobody answers become alerts, and end with their answer."""

import datetime as dt
from typing import Any

import pytest

from reorder.domain.customers.models import Customer
from reorder.domain.planning.models import Alert
from reorder.flows.privacy import export_person, refuse_request, take_request
from reorder.flows.privacy.keeping import keep_privacy

pytestmark = pytest.mark.django_db
# Noon in Taipei.
ASKED = dt.datetime(2026, 11, 2, 4, 0, tzinfo=dt.UTC)


def alerts() -> list[tuple[str, int, Any]]:
    rows = Alert.objects.filter(kind="privacy_requests", resolved_at__isnull=True).order_by("key")
    return [(row.reason_code, row.severity, row.reason_parameters) for row in rows]


def take(kind: str, person: Customer, *, days: int = 0) -> int:
    moment = ASKED + dt.timedelta(days=days)
    return take_request(kind=kind, customer_id=person.pk, how_known="order", decided_by="Mei", moment=moment)


def test_a_request_is_told_of_three_days_before_its_end_and_when_it_is_over() -> None:
    mei, lin = (Customer.objects.create(key=key) for key in ("mei", "lin"))
    erasure = take("erase", mei)
    take("export", lin, days=16)

    keep_privacy(moment=ASKED + dt.timedelta(days=26))
    assert alerts() == []

    keep_privacy(moment=ASKED + dt.timedelta(days=28))
    assert alerts() == [("alert.privacy.soon", 2, {"count": "2", "first": "2026-12-02"})]

    late = ASKED + dt.timedelta(days=31)
    keep_privacy(moment=late)
    keep_privacy(moment=late)
    assert alerts() == [
        ("alert.privacy.overdue", 3, {"count": "1", "first": "2026-12-02"}),
        ("alert.privacy.soon", 2, {"count": "1", "first": "2026-12-03"}),
    ]

    export_person(customer_id=lin.pk, decided_by="Mei", moment=late)
    assert [code for code, _severity, _facts in alerts()] == ["alert.privacy.overdue"]
    refuse_request(request_id=erasure, answer="The books must be kept.", decided_by="Mei", moment=late)
    assert alerts() == []
