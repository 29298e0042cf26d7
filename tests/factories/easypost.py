"""A server that speaks as EasyPost does, in a thread: it keeps shipments, counts what it sells, and fails as bidden."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.factories.http_peer import QuietHandler, http_peer

KEY = "EZTK-of-the-stub"
PDF = b"%PDF-1.4 a label of the stub"
RATES = (("USPS", "Priority", "7.90", 2), ("USPS", "Express", "31.25", 1), ("UPS", "Ground", "6.10", 4))


@dataclass
class Stub:
    """What it knows and how it behaves; `bought` counts labels that cost money.

    `before_answer` runs after something was done and before it is answered: a test waits or breaks there.
    """

    port: int = 0
    shipments: dict[str, dict[str, Any]] = field(default_factory=dict)
    bought: list[str] = field(default_factory=list)
    refunds: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    before_answer: Callable[[str, str], None] | None = None
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    trackers: dict[str, dict[str, Any]] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def hang(self, seconds: float = 60) -> None:
        """Wait, but not longer than the test."""
        self.closing.wait(seconds)

    def answer(self, method: str, path: str, body: Any) -> tuple[int, bytes]:  # noqa: C901, PLR0911 - one line an address
        """What it does and says; a prepared answer for a path's end comes first."""
        for end, given in self.answers.items():
            if path.endswith(end):
                return given
        match [method, *path.partition("?")[0].strip("/").split("/")]:
            case ["GET", "label", _name]:
                return 200, PDF
            case ["POST", "v2", "shipments"]:
                return self._make(body["shipment"])
            case ["GET", "v2", "shipments"]:
                return _said({"shipments": []})
            case ["GET", "v2", "shipments", key]:
                found = self._find(key)
                return _said(found) if found else _fault(404, "The requested resource could not be found.")
            case ["POST", "v2", "shipments", key, "buy"]:
                return self._buy(key, body)
            case ["POST", "v2", "shipments", key, "refund"]:
                return self._refund(key)
            case ["POST", "v2", "trackers"]:
                code = body["tracker"]["tracking_code"]
                return _said(self.trackers.get(code) or {"tracking_code": code, "status": "in_transit"})
            case ["POST", "v2", "scan_forms"]:
                return _said({"id": "sf_1", "form_url": f"{self.address}/label/form.pdf"})
            case ["POST", "v2", "pickups"]:
                offer = {"carrier": "USPS", "service": "NextDay", "rate": "4.20", "currency": "USD"}
                return _said({"id": "pickup_1", "pickup_rates": [offer]})
            case ["POST", "v2", "pickups", _key, "buy"]:
                return _said({"id": "pickup_1", "confirmation": "WTC123"})
        return _fault(404, "no such address")

    def _find(self, key: str) -> dict[str, Any] | None:
        return self.shipments.get(key) or next(
            (one for one in self.shipments.values() if one["reference"] == key), None
        )

    def _make(self, given: dict[str, Any]) -> tuple[int, bytes]:
        with self.guard:
            key = f"shp_{len(self.shipments) + 1}"
            rates = [
                {
                    "id": f"rate_{key}_{place}",
                    "carrier": carrier,
                    "service": service,
                    "rate": rate,
                    "currency": "USD",
                    "delivery_days": days,
                }
                for place, (carrier, service, rate, days) in enumerate(RATES)
            ]
            made = {"id": key, "reference": given.get("reference"), "rates": rates, "postage_label": None, **given}
            self.shipments[key] = made
        return _said(made)

    def _buy(self, key: str, body: Any) -> tuple[int, bytes]:
        with self.guard:
            made = self.shipments[key]
            if made["postage_label"]:
                return _fault(422, "Postage already exists for this shipment.")
            made["selected_rate"] = next(one for one in made["rates"] if one["id"] == body["rate"]["id"])
            made["tracking_code"] = f"9400{len(self.bought) + 1:018d}"
            made["postage_label"] = {
                "label_url": f"{self.address}/label/{key}.pdf",
                "label_file_type": "application/pdf",
            }
            self.bought.append(key)
        return _said(made)

    def _refund(self, key: str) -> tuple[int, bytes]:
        with self.guard:
            self.shipments[key]["refund_status"] = "refunded"
            self.refunds.append(key)
        return _said(self.shipments[key])


@contextmanager
def stub_carrier() -> Iterator[Stub]:
    """The server until the block ends."""
    stub = Stub()

    class Handler(QuietHandler):
        def _serve(self) -> None:
            raw = self.read_body()
            stub.asked.append((self.command, self.path))
            is_ours = self.headers.get("authorization", "").startswith("Basic ") or self.path.startswith("/label")
            status, said = (
                stub.answer(self.command, self.path, json.loads(raw) if raw else None)
                if is_ours
                else _fault(401, "This key is not known.")
            )
            if stub.before_answer is not None:
                stub.before_answer(self.command, self.path)
            self.say(status=status, body=said)

        do_GET = do_POST = _serve  # noqa: N815 - names of http.server

    with http_peer(Handler) as port:
        stub.port = port
        try:
            yield stub
        finally:
            stub.closing.set()


def _said(found: Any) -> tuple[int, bytes]:
    return 200, json.dumps(found).encode()


def _fault(status: int, words: str) -> tuple[int, bytes]:
    return status, json.dumps({"error": {"code": "STUB", "message": words}}).encode()
