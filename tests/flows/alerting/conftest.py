"""A tea shop with a night, and a server that stands in for LINE."""

import dataclasses
import datetime as dt
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import LazySettings

from reorder.domain.inventory import operations as inventory
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, make_place, opening
from tests.factories.planning import make_night
from tests.factories.purchasing import make_offer, make_supplier


@dataclass
class Shop:
    """Oolong in Keelung: two a day are planned; the safety stock is 8."""

    product_id: int
    run_id: int

    def adjust(self, *, units: int, key: str) -> None:
        """Units found (above zero) or gone."""
        from decimal import Decimal

        from reorder.domain.inventory.rules import ADJUSTMENT, NewMove, stock_of

        shelf = stock_of(place_code=KEELUNG)
        inventory.record_moves(
            moves=[
                NewMove(
                    key=key,
                    kind="adjust",
                    product_id=self.product_id,
                    units=Decimal(abs(units)),
                    source=ADJUSTMENT if units > 0 else shelf,
                    target=shelf if units > 0 else ADJUSTMENT,
                    cause_kind="count",
                    cause_key=key,
                    happened_at=dt.datetime(2026, 11, 23, tzinfo=dt.UTC),
                )
            ]
        )


def open_shop(*, units: int) -> Shop:
    make_place()
    make_supplier()
    oolong = make_product()
    make_offer()
    inventory.record_moves(moves=[opening(product_id=oolong.pk, units=units)])
    run = make_night(
        daily={("OOLONG-150", KEELUNG): 2.0},
        sold={("OOLONG-150", KEELUNG): 2.0},
        targets={("OOLONG-150", KEELUNG): 20.0},
    )
    return Shop(product_id=oolong.pk, run_id=run.pk)


@dataclass
class Line:
    """What arrived at the stand-in, and what it answers next (200 when nothing is set)."""

    url: str
    answers: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [body["messages"][0]["text"] for _, body in self.requests]

    @property
    def retry_keys(self) -> list[str]:
        return [headers["x-line-retry-key"] for headers, _ in self.requests]


@pytest.fixture
def line(settings: LazySettings) -> Iterator[Line]:
    """LINE's push endpoint on this machine."""

    class Peer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known.requests.append(({name.lower(): text for name, text in self.headers.items()}, body))
            status = known.answers.pop(0) if known.answers else 200
            if status == 0:
                # The answer is lost after the message was taken.
                self.close_connection = True
                self.connection.close()
                return
            taken = {"sentMessages": [{"id": "461230966842064897", "quoteToken": "IStG5h1Tz7b"}]}
            answer = json.dumps(taken if status == 200 else {"message": f"refused {status}"}).encode()
            if status == 299:
                answer, status = b"taken, but no JSON", 200
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    known = Line(url=f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.REORDER = dataclasses.replace(settings.REORDER, line_token="tok", line_url=known.url)
    yield known
    server.shutdown()
    server.server_close()
