"""Mei and other readers: customers with an address, consent, and a product that is due."""

import datetime as dt
from decimal import Decimal

from django.db import connection

from reorder.domain.catalog.models import Product
from reorder.domain.customers.models import Customer
from reorder.domain.messaging import operations
from reorder.domain.messaging.channels import Outcome
from reorder.domain.messaging.models import MessageDecision, OutboxMessage
from reorder.domain.messaging.operations import MessageToSend, NewConsent, NewContactPoint, Recorded
from reorder.domain.messaging.rules import MessageDraft
from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.planning.models import DueDate, Run
from tests.factories.waiting import wait_until

SUNDAY = dt.date(2026, 11, 22)
# 02:30 on Sunday in Taipei: the hour of the night.
NIGHT = dt.datetime(2026, 11, 21, 18, 30, tzinfo=dt.UTC)
# 10:00 on Sunday in Taipei: the hour of sending.
MORNING = dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC)
LAST_BOUGHT = dt.date(2026, 10, 30)


def make_customer(*, key: str = "mei", name: str = "Mei", language: str = "", time_zone: str = "") -> Customer:
    return Customer.objects.create(key=key, name=name, language=language, time_zone=time_zone)


def give_address(*, customer: Customer, address: str = "") -> str:
    address = address or f"{customer.key}@example.org"
    operations.upsert_contact_points(points=[NewContactPoint(customer_id=customer.pk, address=address)])
    return address


def declare(*, customer: Customer, is_granted: bool, declared_at: dt.datetime = NIGHT - dt.timedelta(days=90)) -> None:
    operations.record_consents(
        consents=[
            NewConsent(
                customer_id=customer.pk,
                is_granted=is_granted,
                source="checkout",
                declared_at=declared_at,
                idempotency_key=f"{customer.key}-{declared_at.isoformat()}-{is_granted}",
            )
        ]
    )


def make_reader(*, key: str = "mei", name: str = "Mei", language: str = "", time_zone: str = "") -> Customer:
    """A customer who can be written to and has agreed to it."""
    customer = make_customer(key=key, name=name, language=language, time_zone=time_zone)
    give_address(customer=customer)
    declare(customer=customer, is_granted=True)
    return customer


def make_run(*, as_of: dt.date = SUNDAY) -> Run:
    return Run.objects.create(kind="night", as_of_date=as_of, started_at=NIGHT)


def make_due(
    *,
    run: Run,
    customer: Customer,
    subject: str = "OOLONG-150",
    remind_date: dt.date = SUNDAY,
    hit_share: float = 0.4,
    last_bought_date: dt.date = LAST_BOUGHT,
    evidence: str = "pair",
    gap_days: float = 24.0,
) -> DueDate:
    day = remind_date
    return DueDate.objects.create(
        run=run,
        customer=customer,
        subject=subject,
        due_date=day,
        due_p10_date=day,
        due_p25_date=day,
        due_p75_date=day,
        due_p90_date=day,
        active_share=0.9,
        within_7_days=0.5,
        within_14_days=0.7,
        within_30_days=0.9,
        remind_date=day,
        remind_hit_share=hit_share,
        expected_units=1.0,
        orders_count=5,
        evidence=evidence,
        usual_gap_days=gap_days,
        last_bought_date=last_bought_date,
    )


def buy(*, customer: Customer, product: Product, ordered_at: dt.datetime, number: str) -> None:
    order = Order.objects.create(
        external_id=number, customer=customer, ordered_at=ordered_at, currency="TWD", content_hash=number
    )
    OrderLine.objects.create(order=order, line_key="1", product=product, units=Decimal(1))


def letter(*, number: int = 1, customer: Customer | None = None, address: str = "", **changes: object) -> MessageDraft:
    """A planned letter that is due in the morning: marketing to a customer, or an order to a supplier."""
    values: dict[str, object] = {
        "idempotency_key": f"letter-{number}",
        "customer_id": customer.pk if customer else None,
        "purpose": "marketing" if customer else "supplier",
        "address": address or (f"{customer.key}@example.org" if customer else f"supplier-{number}@example.org"),
        "subject": f"Letter {number}",
        "body_text": "Good morning.\n.A line that begins with a dot.\n",
        "reason_code": "reminder.planned",
        "send_after": MORNING,
    }
    return MessageDraft(**(values | changes))  # type: ignore[arg-type]


def ended(*, message: MessageToSend, outcome: Outcome, moment: dt.datetime, way: str = "settings") -> Recorded:
    """What an outcome makes of a claimed message."""
    return operations.recorded_of(
        message_id=message.id,
        attempts_count=message.attempts_count,
        address=message.address,
        customer_id=message.customer_id,
        channel=message.channel,
        outcome=outcome,
        way=way,
        price_micros=0,
        moment=moment,
    )


def only_message() -> OutboxMessage:
    return OutboxMessage.objects.get()


def decision_codes() -> dict[tuple[str, str], str]:
    """Reason code of each (customer key, subject)."""
    rows = MessageDecision.objects.select_related("customer")
    return {(row.customer.key, row.subject_key): row.reason_code for row in rows}


def wait_until_senders_are_forgotten() -> None:
    """PostgreSQL has noticed that killed senders are dead, which takes a moment on a busy machine."""
    held = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND pid <> pg_backend_pid()"

    def is_free() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT NOT EXISTS ({held})")
            return bool(cursor.fetchone()[0])

    wait_until(is_free, what="the end of the dead sender's session")
