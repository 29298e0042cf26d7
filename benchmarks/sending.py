"""Mails a second handed to a local SMTP server, claims and records included, beside a bare loop of smtplib.

Everything is SYNTHETIC, in an embedded database of the benchmark's own, with consent and pauses looked at as always.
The server (aiosmtpd) runs in a process of its own and counts what arrives. Both sides write each mail anew and send it
over the same way; the bare loop has one connection and asks no database. Rounds alternate, and the best of each counts.
Run with `python -m benchmarks.sending`; `--mails 500` makes it shorter.
"""

import argparse
import datetime as dt
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage

from benchmarks.pages import own_database

ROUNDS = 3
# Ten o'clock in Taipei: at night marketing waits.
MORNING = dt.datetime(2026, 11, 27, 2, 0, tzinfo=dt.UTC)
_PEOPLE = (
    "INSERT INTO customers_customer (key, name) SELECT 'C-' || n, 'Customer ' || n FROM generate_series(1, %(n)s) AS n",
    """INSERT INTO messaging_contactpoint (customer_id, channel, address)
       SELECT id, 'email', lower(key) || '@tea.example' FROM customers_customer""",
    """INSERT INTO messaging_consententry
           (customer_id, channel, purpose, is_granted, source, declared_at, idempotency_key)
       SELECT id, 'email', 'marketing', true, 'checkout', '2026-08-01', 'c' || id
       FROM customers_customer""",
)
_TEXT = "Good morning.\n" + "Your Oolong comes to its end about Friday; one tap puts it into your cart.\n" * 12
_HTML = "<p>Good morning.</p>" + "<p>Your Oolong comes to its end about <b>Friday</b>.</p>" * 20
_SERVER = """
import sys, time
from aiosmtpd.controller import Controller
class Peer:
    count = 0
    async def handle_DATA(self, server, session, envelope):
        Peer.count += 1
        return "250 OK"
controller = Controller(Peer(), hostname="127.0.0.1", port=int(sys.argv[1]))
controller.start()
print("ready", flush=True)
for line in sys.stdin:
    print(Peer.count, flush=True)
controller.stop()
"""


@dataclass(frozen=True, slots=True)
class Speeds:
    """Mails a second, each side's best round."""

    bare: float
    ours: float

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


@contextmanager
def _server() -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", _SERVER, str(port)], stdin=pipe, stdout=pipe, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield port, process
    finally:
        process.communicate()


def _arrived(process: "subprocess.Popen[str]") -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def _send_bare(*, port: int, mails: int) -> float:
    """One connection, each mail written anew, nothing else."""
    begun = time.monotonic()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for number in range(mails):
            mail = EmailMessage()
            mail["From"] = "Keelung Tea <hello@tea.example>"
            mail["To"] = f"c-{number}@tea.example"
            mail["Subject"] = f"Oolong {number}"
            mail["Message-ID"] = f"<bare-{number}-{begun}@tea.example>"
            mail["List-Unsubscribe"] = "<mailto:hello@tea.example?subject=unsubscribe>"
            mail.set_content(_TEXT)
            mail.add_alternative(_HTML, subtype="html")
            smtp.send_message(mail)
    return mails / (time.monotonic() - begun)


def _send_ours(*, port: int, mails: int, wave: int, moment: dt.datetime) -> float:
    """The same number of planned marketing mails, from the claim to the record of each."""
    from django.conf import settings

    from reorder.domain.customers.models import Customer
    from reorder.domain.messaging import operations
    from reorder.domain.messaging.models import OutboxMessage
    from reorder.domain.messaging.rules import MessageDraft
    from reorder.flows.outbox import send_due_messages

    settings.REORDER = replace(
        settings.REORDER, mail_url=f"smtp://127.0.0.1:{port}", mail_from="hello@tea.example", shop_name="Keelung Tea"
    )
    people = list(Customer.objects.order_by("pk").values_list("pk", "key")[wave * mails : (wave + 1) * mails])
    operations.plan_messages(
        drafts=[
            MessageDraft(
                idempotency_key=f"wave-{wave}-{pk}",
                purpose="marketing",
                customer_id=pk,
                address=f"{key.lower()}@tea.example",
                subject=f"Oolong {pk}",
                body_text=_TEXT,
                body_html=_HTML,
                reason_code="reminder.planned",
                send_after=moment,
            )
            for pk, key in people
        ]
    )
    begun = time.monotonic()
    counts = send_due_messages(moment=moment, seconds=600)
    seconds = time.monotonic() - begun
    assert counts.sent_count == mails, counts
    assert OutboxMessage.objects.exclude(state="sent").count() == 0
    return mails / seconds


def measure(*, mails: int, rounds: int = ROUNDS) -> Speeds:
    """Both sides by turns against one server; raises AssertionError when a mail is lost or doubled."""
    with own_database():
        from django.db import connection

        with connection.cursor() as cursor:
            for statement in _PEOPLE:
                # Other people in each round: nobody gets two mails a day.
                cursor.execute(statement, {"n": mails * rounds})
        bare, ours = [], []
        with _server() as (port, process):
            for wave in range(rounds):
                bare.append(_send_bare(port=port, mails=mails))
                ours.append(_send_ours(port=port, mails=mails, wave=wave, moment=MORNING))
            arrived = _arrived(process)
        assert arrived == 2 * rounds * mails, arrived
    return Speeds(bare=max(bare), ours=max(ours))


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line (or `arguments`), measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(arguments)
    speeds = measure(mails=given.mails, rounds=given.rounds)
    print(f"bare loop of smtplib {speeds.bare:7.0f} mails/s")
    print(f"the outbox           {speeds.ours:7.0f} mails/s, {speeds.ratio:.0%} of the bare loop")


if __name__ == "__main__":
    main()
