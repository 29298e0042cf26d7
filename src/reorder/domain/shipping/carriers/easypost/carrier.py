"""EasyPost over HTTP: a shipment is made under our reference, then bought; both can be asked about by that reference.

A crash between leaves either a shipment without a label (nothing was bought) or one with it (found again).
"""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from reorder.domain.shipping.carriers.abilities import CannotByProgram
from reorder.domain.shipping.carriers.easypost.card import ADDRESS, CARD
from reorder.domain.shipping.carriers.easypost.shapes import handle_details, pick_up_body, rate_of, shipment_body
from reorder.domain.shipping.carriers.easypost.states import is_signed, reports_of
from reorder.domain.shipping.carriers.faults import BadCallback, BadParcel, CarrierRefused, CarrierUnsure
from reorder.domain.shipping.carriers.reading import minor_of, read_json, refuse_bad_status, said_of
from reorder.domain.shipping.carriers.values import (
    AccountValues,
    BoughtLabel,
    Callback,
    CallbackRead,
    CarrierTools,
    LabelDocument,
    LabelHandle,
    Manifest,
    ParcelToSend,
    PickUp,
    PickUpRequest,
    RateAnswer,
    TrackingReport,
)
from reorder.kernel.http_calls import HttpAnswer

_VOIDED: Final = {"refunded": "voided", "submitted": "voiding"}
_MOST_TRACKED: Final = 100


def make_carrier(*, account: AccountValues, tools: CarrierTools) -> "EasyPostCarrier":
    """An account of EasyPost, or of a server that speaks as it does."""
    return EasyPostCarrier(account=account, tools=tools)


class EasyPostCarrier(CannotByProgram):
    """Shipments, trackers, scan forms and pick-ups of EasyPost."""

    capabilities = CARD.capabilities
    title = CARD.title

    def __init__(self, *, account: AccountValues, tools: CarrierTools) -> None:
        self._account = account
        self._tools = tools
        self._address = account.setting("address", ADDRESS).rstrip("/")

    def check(self) -> str:
        """Ask for the newest shipment; the answer shows that the key is taken."""
        self._ask("GET", "/v2/shipments?page_size=1")
        return "OK"

    def rate(self, *, parcel: ParcelToSend, service_codes: Sequence[str]) -> tuple[RateAnswer, ...]:
        """Rates of a shipment that is made for asking only."""
        made = self._ask("POST", "/v2/shipments", shipment_body(parcel=parcel, reference=""))
        rates = self._rates(made)
        found = ((code, rate_of(rates=rates, wanted=self._account.services.get(code, ""))) for code in service_codes)
        return tuple(self._rate_answer(code, one) for code, one in found if one is not None)

    def buy(self, *, parcel: ParcelToSend, service_code: str) -> BoughtLabel:
        """Make the shipment under our reference, unless it is there, and buy its label."""
        made = self._find_shipment(parcel.reference) or self._ask(
            "POST", "/v2/shipments", shipment_body(parcel=parcel, reference=parcel.reference)
        )
        if made.get("postage_label"):
            return self._bought(made)
        wanted = self._account.services.get(service_code, "")
        rate = rate_of(rates=self._rates(made), wanted=wanted)
        if rate is None:
            raise BadParcel(
                carrier=self._account.name,
                reason=f"it offers no {wanted or service_code} for it",
                remedy="Choose another service, or mend address, weight and size.",
            )
        path = f"/v2/shipments/{quote(str(made.get('id')), safe='')}/buy"
        return self._bought(self._ask("POST", path, {"rate": {"id": rate["id"]}}))

    def find(self, *, parcel: ParcelToSend, service_code: str) -> BoughtLabel | None:
        """The label of the shipment under our reference; a shipment without a label was not bought."""
        made = self._find_shipment(parcel.reference)
        return self._bought(made) if made and made.get("postage_label") else None

    def void(self, *, label: LabelHandle) -> str:
        """Ask for the money back; most carriers answer within days."""
        made = self._ask("POST", f"/v2/shipments/{quote(label.carrier_reference, safe='')}/refund", {})
        return self._void_state(made)

    def is_void(self, *, label: LabelHandle) -> bool | None:
        """Whether the refund is done; None while it is under way."""
        made = self._ask("GET", f"/v2/shipments/{quote(label.carrier_reference, safe='')}")
        status = made.get("refund_status")
        return None if status == "submitted" else status == "refunded"

    def track(self, *, labels: Sequence[LabelHandle]) -> tuple[TrackingReport, ...]:
        """Trackers by their numbers, one request each; a number it refuses is left out."""
        reports: list[TrackingReport] = []
        for one in list(labels)[:_MOST_TRACKED]:
            carrier = {"carrier": one.details["carrier"]} if one.details.get("carrier") else {}
            wanted = {"tracking_code": one.tracking_number, **carrier}
            try:
                made = self._ask("POST", "/v2/trackers", {"tracker": wanted})
            except CarrierRefused:
                continue
            reports += reports_of(tracker=made, received_at=self._tools.moment)
        return tuple(reports)

    def label(self, *, label: LabelHandle, parcel: ParcelToSend) -> LabelDocument:
        """The label once more."""
        return self._document(self._ask("GET", f"/v2/shipments/{quote(label.carrier_reference, safe='')}"))

    def pick_up(self, *, request: PickUpRequest) -> PickUp:
        """Ask for a pick-up, and buy its cheapest offer."""
        made = self._ask("POST", "/v2/pickups", pick_up_body(request=request, time_zone=self._tools.time_zone))
        offers = [one for one in made.get("pickup_rates") or [] if isinstance(one, dict)]
        offer = min(offers, key=lambda one: float(one.get("rate") or 0), default=None)
        if offer is None:
            raise CarrierRefused(carrier=self._account.name, said="no carrier offers a pick-up then")
        chosen = {"carrier": offer.get("carrier"), "service": offer.get("service")}
        done = self._ask("POST", f"/v2/pickups/{quote(str(made.get('id')), safe='')}/buy", chosen)
        currency = str(offer.get("currency") or "USD")
        return PickUp(
            confirmation=said_of(text=done.get("confirmation") or done.get("id") or ""),
            cost_minor=minor_of(amount=offer.get("rate"), currency=currency),
            currency=currency,
        )

    def manifest(self, *, labels: Sequence[LabelHandle]) -> Manifest:
        """A scan form over shipments."""
        shipments = [{"id": one.carrier_reference} for one in labels]
        made = self._ask("POST", "/v2/scan_forms", {"shipments": shipments})
        url = str(made.get("form_url") or "")
        return Manifest(carrier_reference=str(made.get("id") or ""), pdf=self._load(url) if url else b"")

    def read_callback(self, *, callback: Callback) -> CallbackRead:
        """A signed event; other events than of trackers are taken and mean nothing to us."""
        headers = {name.lower(): value for name, value in callback.headers.items()}
        secret = self._account.secrets.get("webhook_secret", "")
        if not is_signed(body=callback.body, signature=headers.get("x-hmac-signature", ""), secret=secret):
            raise BadCallback(carrier=self._account.name, reason="the signature is wrong")
        try:
            event = json.loads(callback.body)
        except ValueError:
            event = None
        result = event.get("result") if isinstance(event, dict) else None
        if not isinstance(result, dict):
            raise BadCallback(carrier=self._account.name, reason="it answered something that we cannot read")
        is_tracker = result.get("object") == "Tracker"
        return CallbackRead(reports=reports_of(tracker=result, received_at=callback.received_at) if is_tracker else ())

    def _find_shipment(self, reference: str) -> dict[str, Any] | None:
        answer = self._send("GET", f"/v2/shipments/{quote(reference, safe='')}", None)
        if answer.status == 404:
            return None
        return self._read(answer)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._read(self._send(method, path, body))

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> HttpAnswer:
        key = base64.b64encode(f"{self._account.secrets.get('api_key', '')}:".encode()).decode()
        return self._tools.send(
            url=self._address + path,
            method=method,
            headers={"authorization": f"Basic {key}", "content-type": "application/json", "accept": "application/json"},
            body=b"" if body is None else json.dumps(body).encode(),
        )

    def _read(self, answer: HttpAnswer) -> dict[str, Any]:
        said = ""
        if answer.status >= 300:
            try:
                said = said_of(text=json.loads(answer.body)["error"]["message"])
            except (ValueError, KeyError, TypeError):
                said = ""
        refuse_bad_status(answer=answer, carrier=self._account.name, said=said)
        return read_json(answer=answer, carrier=self._account.name)

    def _rates(self, made: Mapping[str, Any]) -> list[dict[str, Any]]:
        rates = made.get("rates")
        if not isinstance(rates, list) or not made.get("id"):
            raise CarrierUnsure(carrier=self._account.name, cause="its answer lacks what we need")
        return [one for one in rates if isinstance(one, dict) and one.get("id")]

    def _rate_answer(self, code: str, rate: Mapping[str, Any]) -> RateAnswer:
        currency = str(rate.get("currency") or "USD")
        days = rate.get("delivery_days")
        return RateAnswer(
            service_code=code,
            cost_minor=minor_of(amount=rate.get("rate"), currency=currency) or 0,
            currency=currency,
            days=days if isinstance(days, int) else None,
        )

    def _bought(self, made: Mapping[str, Any]) -> BoughtLabel:
        """What a bought shipment says; one without a number or a label is no answer that we can keep."""
        if not made.get("tracking_code") or not made.get("postage_label") or not made.get("id"):
            raise CarrierUnsure(carrier=self._account.name, cause="its answer lacks what we need")
        rate = made.get("selected_rate")
        rate = rate if isinstance(rate, dict) else {}
        currency = str(rate.get("currency") or "USD")
        return BoughtLabel(
            carrier_reference=str(made["id"]),
            tracking_number=said_of(text=made["tracking_code"]),
            cost_minor=minor_of(amount=rate.get("rate"), currency=currency) if rate else None,
            currency=currency if rate else "",
            document=self._document_or_none(made),
            details=handle_details(shipment=made),
        )

    def _document_or_none(self, made: Mapping[str, Any]) -> LabelDocument:
        """A bought label stays bought when its picture cannot be loaded now: it is loaded again when it is printed."""
        try:
            return self._document(made)
        except (CarrierUnsure, CarrierRefused):
            return LabelDocument()

    def _document(self, made: Mapping[str, Any]) -> LabelDocument:
        label = made.get("postage_label")
        label = label if isinstance(label, dict) else {}
        pdf_url = label.get("label_pdf_url") or label.get("label_url")
        zpl_url = label.get("label_zpl_url")
        return LabelDocument(
            pdf=self._load(str(pdf_url)) if pdf_url else b"",
            zpl=self._load(str(zpl_url)).decode("utf-8", "replace") if zpl_url else "",
        )

    def _load(self, url: str) -> bytes:
        # Without our key: the address is the label store's, not EasyPost's.
        answer = self._tools.send(url=url, method="GET")
        refuse_bad_status(answer=answer, carrier=self._account.name, said="")
        return answer.body

    def _void_state(self, made: Mapping[str, Any]) -> str:
        status = str(made.get("refund_status") or "")
        if status not in _VOIDED:
            raise CarrierRefused(carrier=self._account.name, said=status or "no refund")
        return _VOIDED[status]
