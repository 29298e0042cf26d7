"""A person is shown everything there is about them, and erased from every table, also when a backup comes back."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from reorder.domain.customers.errors import CustomerErased
from reorder.domain.customers.models import Customer
from reorder.domain.customers.privacy import erased_key, list_requests
from reorder.domain.customers.queries import find_customer_by_key
from reorder.domain.messaging.models import ConsentEntry, ContactPoint, OutboxMessage, Suppression
from reorder.domain.messaging.suppressing import list_suppressed
from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.staff.models import AuditEntry
from reorder.flows.file_import import import_file
from reorder.flows.privacy import erase_person, export_person, reapply_erasures
from reorder.flows.privacy.errors import OrdersUnfinished
from reorder.flows.privacy.looking import look_at_person
from reorder.flows.privacy.marks import list_file, read_marks
from reorder.flows.privacy.register import PERSONAL_TABLES
from tests.factories.catalog import make_product
from tests.factories.messaging import MORNING, NIGHT, buy
from tests.factories.planting import plant, tables_with, without_families

pytestmark = pytest.mark.django_db(transaction=True)
WORD = "Unverwechsel"
MAIL = f"mei.{WORD.lower()}@example.org"
PHONE = "0912345678"
WORDS = [WORD, PHONE]
MEI, ORDER, PARCEL, PAYMENT, RETURN, MESSAGE, ENROLMENT, VISITOR, WEBHOOK = range(9001, 9010)


@pytest.fixture(autouse=True)
def at_home(settings: LazySettings, tmp_path: Path) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, mail_from="hello@tea.example", shop_name="Keelung Tea")
    settings.HOME = tmp_path


@pytest.fixture(autouse=True)
def empty_staging() -> Iterator[None]:
    """Staging tables are no models of Django's: what was planted there would meet the next import."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE channels_stagedorders, channels_stagedevents, channels_stagedrefusal")


# A row of Mei in every table that the register knows, each of its personal columns with a word of hers.
ROWS: dict[str, dict[str, Any]] = {
    "marketing_fact": {"customer_id": MEI, "kind": "searched", "subject": WORD, "details": json.dumps({"w": WORD})},
    "marketing_waitingmessage": {
        "customer_id": MEI, "wanted": json.dumps({"n": WORD}), "reason_parameters": json.dumps({"n": WORD}),
        "outcome": "rescheduled",
    },
    "marketing_enrolment": {
        "id": ENROLMENT, "customer_id": MEI, "entry_key": WORD, "context": json.dumps({"n": WORD}), "state": "done",
        "finished_at": MORNING,
    },
    "marketing_enrolmentevent": {"enrolment_id": ENROLMENT, "details": json.dumps({"n": WORD})},
    "marketing_journeytask": {"customer_id": MEI, "text": f"call {WORD}"},
    "marketing_handedcycle": {"customer_id": MEI},
    "marketing_segmentmember": {"customer_id": MEI},
    "marketing_segmentstay": {"customer_id": MEI},
    "marketing_listrejection": {"value": MAIL},
    "marketing_exposure": {"customer_id": MEI, "arm": "treated", "until_at": "2026-12-22T00:00:00+00:00"},
    "planning_duedate": {"customer_id": MEI},
    "planning_nextdue": {"customer_id": MEI},
    "planning_customervalue": {"customer_id": MEI, "segment": "loyal"},
    "planning_segmentmove": {"customer_id": MEI},
    "planning_recommendation": {"customer_id": MEI, "method": "rank"},
    "channels_stagedorders": {"customer_key": MAIL, "customer_name": WORD, "email": MAIL},
    "channels_stagedevents": {"customer_key": MAIL, "email": MAIL, "search_text": WORD},
    "channels_stagedrefusal": {"value": MAIL, "detail": MAIL},
    "channels_webhookdelivery": {"message_id": WEBHOOK, "excerpt": WORD, "attempts": json.dumps([{"excerpt": WORD}])},
    "channels_webhookmessage": {"id": WEBHOOK, "subject_kind": "order", "subject_key": str(ORDER), "body": f'{{"name": "{WORD}"}}'},
    "warehouse_return": {"id": RETURN, "order_id": ORDER, "note": WORD, "word": WORD, "tracking_number": WORD},
    "warehouse_returnphoto": {"of_return_id": RETURN, "content": WORD.encode()},
    "shipping_straycallback": {"reason_code": "unknown", "said": json.dumps({"to": MAIL}), "detail": WORD, "tracking_number": f"{WORD}-1"},
    "shipping_parcel": {"id": PARCEL, "number": "P1", "order_id": ORDER, "tracking_number": f"{WORD}-1"},
    "shipping_trackingevent": {"key": "k1", "state": "delivered", "source": "poll", "parcel_id": PARCEL, "carrier_words": f"Signed by {WORD}", "place_text": WORD},
    "shipping_label": {
        "parcel_id": PARCEL, "pdf": WORD.encode(), "zpl": WORD, "details": json.dumps({"to": WORD}),
        "fault": json.dumps({"at": WORD}), "tracking_number": f"{WORD}-1", "carrier_reference": WORD,
    },
    "shipping_publiclink": {"order_id": ORDER, "token": "t" * 40},
    "payments_payment": {"id": PAYMENT, "order_id": ORDER, "currency": "TWD", "state": "paid", "refunded_minor": 0},
    "payments_paymententry": {"kind": "receipt", "payment_id": PAYMENT, "note": f"from the account of {WORD}"},
    "payments_refund": {"payment_id": PAYMENT, "way": "original", "state": "owed", "reason": f"{WORD} asked"},
    "payments_creditmove": {"customer_id": MEI, "kind": "given", "reason": f"for {WORD}", "currency": "TWD"},
    "orders_orderevent": {
        "order_id": ORDER, "reason": f"{WORD} called", "details": json.dumps({"note": WORD, "total_minor": 480}),
    },
    "orders_orderstep": {"order_id": ORDER, "details": json.dumps({"reason": WORD}), "fault": WORD},
    "orders_order": {
        "id": ORDER, "customer_id": MEI, "ship_postcode": WORD, "state": "placed", "channel": "shop",
        "external_id": "1001", "currency": "TWD",
    },
    "orders_coupon": {"customer_id": MEI, "code": "TEA-1", "message_key": WORD},
    "behaviour_inboxevent": {
        "user_key": f"k:shop:{MAIL}", "anonymous_id": WORD, "search_text": WORD, "page_path": WORD,
        "details": json.dumps([WORD]),
        "items": [WORD],
    },
    "behaviour_trackedevent": {
        "visitor_id": VISITOR, "search_text": WORD, "page_path": WORD, "details": json.dumps([WORD]), "kind": "search",
    },
    "behaviour_visitorlink": {"visitor_id": VISITOR, "customer_id": MEI, "proof": "portal"},
    "behaviour_visitor": {"id": VISITOR, "customer_id": MEI, "anonymous_id": WORD},
    "messaging_pendingconsent": {"address": MAIL, "name": WORD, "client": "192.0.2.7", "source": "footer"},
    "messaging_linkword": {"customer_id": MEI, "word": WORD, "channel": "line"},
    "messaging_replypass": {"address": MAIL, "token": WORD},
    "messaging_contactpreference": {"customer_id": MEI},
    "messaging_marketingpause": {"customer_id": MEI, "reason": f"{WORD} is ill"},
    "messaging_messagedecision": {"customer_id": MEI, "trace": json.dumps([WORD])},
    "messaging_shortlink": {"message_id": MESSAGE, "token": "Ab3", "url": WORD, "is_followed": True, "created_at": MORNING},
    "messaging_messageevent": {"message_id": MESSAGE, "kind": "clicked", "url": WORD, "details": json.dumps([WORD])},
    "messaging_outboxattachment": {"message_id": MESSAGE, "filename": WORD, "content": WORD.encode()},
    "messaging_outboxmessage": {
        "id": MESSAGE, "customer_id": MEI, "address": MAIL, "subject": WORD, "body_text": WORD, "body_html": WORD,
        "variables": json.dumps({"name": WORD}), "reason_parameters": json.dumps({"p": WORD}), "provider_key": WORD,
        "error": f"550 {MAIL}", "state": "sent", "finished_at": MORNING, "channel": "email", "purpose": "marketing",
        "message_id": "<1@x>",
    },
    "messaging_consententry": {"customer_id": MEI, "proof": MAIL, "is_granted": True, "source": "checkout"},
    "messaging_topicentry": {"customer_id": MEI, "proof": MAIL, "topic": "offers"},
    "messaging_contactpoint": {
        "customer_id": MEI, "address": MAIL, "channel": "email", "details": json.dumps({"k": WORD}),
    },
    "staff_auditentry": {
        "actor": f"customer:{MEI}", "address": "192.0.2.7", "subject_kind": "customer", "subject_key": MAIL,
        "details": json.dumps({"reason": WORD}),
    },
    "staff_storedanswer": {"body": json.dumps({"email": MAIL}).encode()},
    "customers_note": {"customer_id": MEI, "text": f"{WORD} likes Oolong", "author": "lin"},
    "customers_customertag": {"customer_id": MEI, "tag": WORD},
    "customers_customerattribute": {"customer_id": MEI, "name": "pet", "value": WORD},
    "customers_savedaddress": {"customer_id": MEI},
    "customers_cart": {"customer_id": MEI, "code": "c1"},
    "customers_portallink": {"address": MAIL},
    "customers_portalsession": {"customer_id": MEI},
    "customers_returnrequest": {"customer_id": MEI, "reason": "late", "note": WORD, "photo": WORD.encode()},
    "customers_address": {
        "customer_id": MEI, "name": WORD, "phone": PHONE, "company": WORD, "country": "TW", "postcode": WORD,
        "region": WORD, "city": WORD, "line1": WORD, "line2": WORD, "store_code": WORD, "note": WORD,
        "content_hash": WORD,
    },
    "customers_customer": {
        "id": MEI, "key": MAIL, "name": f"Mei {WORD}", "language": "zh", "time_zone": WORD, "country": "TW",
        "postcode": WORD, "birthday": "1990-04-05",
    },
}  # fmt: skip
# Rows that are about the person without a word of theirs, or that the night counts.
UNPLANTED = {
    "customers_privacyrequest", "orders_orderline", "payments_creditbalance", "planning_customerstatistic",
    "planning_pairstatistic",
}  # fmt: skip


def plant_mei() -> None:
    with without_families():
        for table, values in ROWS.items():
            plant(table, **values)


def tables_of_mei() -> set[str]:
    return {one.table for one in look_at_person(customer_id=MEI, moment=MORNING).tables}


def test_a_person_is_gone_from_every_table_and_the_books_stay() -> None:
    """Arrange a word of Mei in every declared column; erase; no row of any table has one left."""
    plant_mei()
    keelung = Customer.objects.create(key="keelung", name="Keelung")
    ContactPoint.objects.create(customer=keelung, channel="email", address="keelung@example.org")
    known = {table.table for table in PERSONAL_TABLES}
    assert set(ROWS) | UNPLANTED == known, "plant a row of each declared table, so that its erasure is proved"
    with_words = {
        table.table for table in PERSONAL_TABLES if WORD in json.dumps(ROWS.get(table.table, {}), default=str)
    }
    before = tables_with(words=WORDS)
    assert set(before) >= with_words
    assert tables_of_mei() == set(ROWS)

    done = erase_person(customer_id=MEI, decided_by="owner", moment=MORNING, how_known="by the mailbox")

    assert tables_with(words=WORDS) == {}
    mei = Customer.objects.get(pk=MEI)
    assert (mei.key, mei.name, mei.birthday, mei.erased_at) == (erased_key(key=MAIL), "", None, MORNING)
    assert (done.customer_id, done.suppressed_count) == (MEI, 1)
    deleted = {one.table for one in PERSONAL_TABLES if one.erasure == "delete"}
    assert deleted & tables_of_mei() == set()
    # The books: the order with its event, the payment, the credit; the ledger of consent without its proof.
    order = Order.objects.get(pk=ORDER)
    assert (order.customer_id, order.external_id, order.ship_postcode) == (MEI, "1001", "")
    assert order.events.get().details == {"total_minor": 480}
    assert ConsentEntry.objects.filter(customer_id=MEI, is_granted=True, proof="").count() == 1
    message = OutboxMessage.objects.get(pk=MESSAGE)
    assert (message.state, message.address, message.variables) == ("sent", "", {})
    # Whose address it was can be told by asking for it, and by nothing else.
    assert list_suppressed(addresses=[("email", MAIL.upper()), ("email", "keelung@example.org")]) == {
        ("email", MAIL.upper())
    }
    assert MAIL not in str(list(Suppression.objects.values()))
    # What was done is provable, and nobody else was touched.
    [request] = list_requests(is_open=False)
    assert (request.kind, request.done_by, request.name, request.how_known) == ("erase", "owner", "", "by the mailbox")
    assert AuditEntry.objects.get(action="customers.erase").subject_key == str(MEI)
    assert Customer.objects.get(key="keelung").name == "Keelung"
    assert list_file().stat().st_mode & 0o777 == 0o600
    assert read_marks() == {erased_key(key=MAIL).removeprefix("erased:"): MORNING}
    for act in (erase_person, export_person):
        with pytest.raises(CustomerErased):
            act(customer_id=MEI, decided_by="owner", moment=MORNING)
    # Ledgers stay closed to everybody else.
    for begun in ("", "SET LOCAL reorder.erasing = 'on'; "):
        with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(begun + "UPDATE messaging_consententry SET is_granted = false")


def test_an_export_holds_every_shown_column_and_no_secret() -> None:
    plant_mei()
    made = export_person(customer_id=MEI, decided_by="owner", moment=MORNING, how_known="signed in")
    plain = json.loads(json.dumps(made.as_json()))
    shown = {table.table for table in PERSONAL_TABLES if table.is_shown and table.table in ROWS}
    assert set(plain["tables"]) == shown
    assert plain["tables"]["customers_customer"][0]["name"] == f"Mei {WORD}"
    assert plain["tables"]["customers_address"][0]["phone"] == PHONE
    assert plain["tables"]["messaging_consententry"][0]["source"] == "checkout"
    assert "secret_hash" not in json.dumps(plain)
    assert plain["cut_tables"] == []
    [request] = list_requests(is_open=False)
    assert (request.kind, request.state, request.due_date) == ("export", "done", dt.date(2026, 12, 7))


def test_an_order_that_is_not_finished_keeps_the_address_until_it_is() -> None:
    mei = Customer.objects.create(key="mei", name="Mei")
    buy(customer=mei, product=make_product(), ordered_at=NIGHT, number="T-1")
    Order.objects.update(fulfilment="reorder", state="picked")
    with pytest.raises(OrdersUnfinished, match="T-1"):
        erase_person(customer_id=mei.pk, decided_by="owner", moment=MORNING)
    assert Customer.objects.get(pk=mei.pk).name == "Mei"
    Order.objects.update(state="delivered")
    erase_person(customer_id=mei.pk, decided_by="owner", moment=MORNING)
    assert Customer.objects.get(pk=mei.pk).name == ""
    assert OrderLine.objects.count() == 1


def test_what_comes_back_by_a_file_or_a_backup_is_known(tmp_path: Path) -> None:
    """An old file names nobody again; a restored backup is erased again; who buys anew is somebody new."""
    file = tmp_path / "orders.csv"
    old = "T-1,mei,2026-10-01T10:00:00+08:00,OOLONG-150,1,480,TWD,Mei Lin,mei@example.org"
    header = "order_id,customer_id,ordered_at,sku,quantity,unit_price,currency,customer_name,email"
    file.write_text(f"{header}\n{old}\n")
    import_file(path=file)
    mei = Customer.objects.get(key="mei")
    assert mei.name == "Mei Lin"
    with transaction.atomic():
        Customer.objects.filter(pk=mei.pk).update(created_at=MORNING - dt.timedelta(days=90))
    merged = Customer.objects.create(
        key="mei@example.org", merged_into=mei, merged_at=NIGHT, created_at=NIGHT - dt.timedelta(days=9)
    )
    Customer.objects.filter(pk=merged.pk).update(created_at=NIGHT - dt.timedelta(days=9))
    erase_person(customer_id=merged.pk, decided_by="owner", moment=MORNING)
    assert find_customer_by_key(key="mei") is None

    # The same file with another order of those days, and one of after the erasure.
    late = "T-2,mei,2026-10-09T10:00:00+08:00,OOLONG-150,1,480,TWD,Mei Lin,mei@example.org"
    file.write_text(f"{header}\n{old}\n{late}\n")
    outcome = import_file(path=file)
    assert (outcome.rows_imported, outcome.rows_rejected) == (1, 0), outcome
    assert Customer.objects.filter(name="Mei Lin").count() == 0
    assert Order.objects.get(external_id="T-2").customer_id == mei.pk
    assert tables_with(words=["Mei Lin", "mei@example.org"]) == {}
    assert reapply_erasures(moment=MORNING) == 0

    # A backup from before: the record has its facts again.
    Customer.objects.filter(pk=mei.pk).update(
        key="mei", name="Mei Lin", erased_at=None, created_at=MORNING - dt.timedelta(days=90)
    )
    assert reapply_erasures(moment=MORNING + dt.timedelta(days=1)) == 1
    assert Customer.objects.get(pk=mei.pk).name == ""
    # Who buys after that under the same key is somebody new, whom no night erases.
    Customer.objects.create(key="mei", name="Mei Lin")
    assert reapply_erasures(moment=MORNING + dt.timedelta(days=2)) == 0
    assert Customer.objects.filter(name="Mei Lin").count() == 1
