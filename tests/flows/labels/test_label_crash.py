"""SIGKILL of a buyer in the middle of the purchase: one label is bought, and it is found again."""

import dataclasses
import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from reorder.domain.shipping.models import Label, Parcel
from reorder.flows import labels
from reorder.flows.labels import LabelWish
from reorder.flows.labels.recovering import BUYER_IS_DEAD_AFTER
from tests.factories.easypost import Stub, stub_carrier
from tests.factories.parcels import easypost_account, packed_parcel
from tests.factories.placing import MERCHANT

_ROOT = Path(__file__).parents[3]


def _start_buyer(parcel_id: int) -> subprocess.Popen[bytes]:
    """A process of its own on the test's database, which sees what is committed and nothing else."""
    found = connection.get_connection_params()
    # A socket's folder is a parameter: it has no place in the address's host.
    url = "postgresql://{user}:{password}@/{dbname}?host={host}&port={port}".format(
        **{"password": "", "port": "", "host": "", **found}
    )
    ours = {"REORDER_DATABASE_URL": url, "REORDER_OUTGOING_NETWORKS": "127.0.0.0/8"}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.factories.label_buyer", str(parcel_id), "killed"],
        cwd=_ROOT,
        env={**os.environ, **ours, "DJANGO_SETTINGS_MODULE": "reorder.config.settings"},
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dies_at", ["/v2/shipments", "/buy"])
def test_a_buyer_killed_in_mid_purchase_leaves_one_label_at_most_and_no_second(settings: Any, dies_at: str) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, outgoing_networks=("127.0.0.0/8",))
    with stub_carrier() as stub:
        parcel = packed_parcel()
        easypost_account(address=stub.address)
        _kill_when_asked(stub=stub, parcel=parcel, dies_at=dies_at)
        sold_before = len(stub.bought)
        row = Label.objects.get()
        assert (row.state, row.called_at is not None) == ("claimed", True)
        moment = row.claimed_at + BUYER_IS_DEAD_AFTER + dt.timedelta(seconds=1)

        found = labels.recover_labels(moment=moment)
        again = labels.buy_label(
            wish=LabelWish(parcel_id=parcel.pk, key="killed" if sold_before else "anew", service_code="home"),
            actor=MERCHANT,
            moment=moment,
        )

        parcel.refresh_from_db()
        assert found.looked_at == 1
        assert again.state == "bought"
        assert len(stub.bought) == 1
        assert stub.shipments[stub.bought[0]]["tracking_code"] == again.tracking_number == parcel.tracking_number


def _kill_when_asked(*, stub: Stub, parcel: Parcel, dies_at: str) -> None:
    """Start a buyer and kill it after the carrier has done something and before it has said so."""
    reached = threading.Event()

    def wait(method: str, path: str) -> None:
        if method == "POST" and path.endswith(dies_at):
            reached.set()
            stub.hang(30)

    stub.before_answer = wait
    buyer = _start_buyer(parcel.pk)
    try:
        assert reached.wait(120), "the buyer never asked the carrier"
    finally:
        buyer.send_signal(signal.SIGKILL)
        buyer.wait(timeout=30)
    stub.before_answer = None
