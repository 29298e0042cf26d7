"""One of karrio's carriers: its requests built and read by karrio, sent by us.

karrio asks no carrier for a shipment by our reference: a lost answer is settled by a person.
"""

import base64
import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from reorder.domain.shipping.carriers.abilities import CannotByProgram
from reorder.domain.shipping.carriers.faults import (
    BadAccountSetting,
    BadParcel,
    CarrierCannotSay,
    CarrierFault,
    CarrierKeyRefused,
    CarrierRefused,
    CarrierUnsure,
)
from reorder.domain.shipping.carriers.karrio.card import CARD
from reorder.domain.shipping.carriers.karrio.gate import Talk, load_karrio, talking
from reorder.domain.shipping.carriers.reading import minor_of, said_of
from reorder.domain.shipping.carriers.values import (
    AccountValues,
    BoughtLabel,
    CarrierTools,
    LabelDocument,
    LabelHandle,
    ParcelToSend,
    Party,
    RateAnswer,
    TrackingReport,
)
from reorder.domain.shipping.parcel_models import PARCEL_STATES

_KEY_STATUS: Final = {401, 403}
_SURE_STATUS: Final = {400, 402, 404, 405, 406, 410, 413, 415, 422, 429}


def make_carrier(*, account: AccountValues, tools: CarrierTools) -> "KarrioCarrier":
    """An account through karrio. Raises CarrierExtraMissing, BadAccountSetting."""
    load_karrio()
    try:
        credentials = json.loads(account.secrets.get("credentials", ""))
    except ValueError:
        credentials = None
    if not isinstance(credentials, dict):
        raise BadAccountSetting(carrier=account.name, field="Credentials", reason="it is no JSON object")
    return KarrioCarrier(account=account, tools=tools, credentials=credentials)


class KarrioCarrier(CannotByProgram):
    """Rates, labels, cancelling and tracking through karrio."""

    capabilities = CARD.capabilities
    title = CARD.title

    def __init__(self, *, account: AccountValues, tools: CarrierTools, credentials: Mapping[str, Any]) -> None:
        self._account = account
        self._tools = tools
        self._credentials = credentials
        self._sdk = load_karrio()

    def check(self) -> str:
        """Ask for a number that is nobody's: any answer but a refused key shows that the account works."""
        handle = LabelHandle(
            reference="", series_number=0, service="", carrier_reference="", tracking_number="000000000000"
        )
        try:
            self.track(labels=[handle])
        except CarrierKeyRefused:
            raise
        except CarrierRefused as fault:
            return said_of(text=fault.parameters.get("said", "OK"))
        return "OK"

    def rate(self, *, parcel: ParcelToSend, service_codes: Sequence[str]) -> tuple[RateAnswer, ...]:
        """What karrio's carrier asks for our services."""
        services = {code: self._account.services.get(code, "") for code in service_codes}
        request = self._shipment(parcel) | {"services": [name for name in services.values() if name]}
        found = self._talk(lambda gateway: self._sdk.Rating.fetch(request).from_(gateway).parse()) or []
        by_name = {one.service: one for one in found}
        return tuple(
            RateAnswer(
                service_code=code,
                cost_minor=minor_of(amount=by_name[name].total_charge, currency=by_name[name].currency or "USD") or 0,
                currency=by_name[name].currency or "USD",
                days=by_name[name].transit_days,
            )
            for code, name in services.items()
            if name in by_name
        )

    def buy(self, *, parcel: ParcelToSend, service_code: str) -> BoughtLabel:
        """One shipment."""
        request = self._shipment(parcel) | {
            "service": self._account.services.get(service_code, service_code),
            "reference": parcel.reference,
            "label_type": "PDF",
        }
        made = self._talk(lambda gateway: self._sdk.Shipment.create(request).from_(gateway).parse())
        if made is None or not made.tracking_number:
            raise CarrierUnsure(carrier=self._account.name, cause="its answer lacks what we need")
        rate = made.selected_rate
        currency = (rate.currency if rate else "") or ""
        return BoughtLabel(
            carrier_reference=str(made.shipment_identifier or made.tracking_number),
            tracking_number=said_of(text=made.tracking_number),
            cost_minor=minor_of(amount=rate.total_charge, currency=currency) if rate and currency else None,
            currency=currency,
            document=_document(made.docs),
        )

    def find(self, *, parcel: ParcelToSend, service_code: str) -> BoughtLabel | None:
        """karrio has no question by reference."""
        raise CarrierCannotSay(carrier=self._account.name, cause="it has no such question")

    def void(self, *, label: LabelHandle) -> str:
        """Cancel a shipment."""
        request = {
            "shipment_identifier": label.carrier_reference,
            "service": self._account.services.get(label.service, label.service),
        }
        made = self._talk(lambda gateway: self._sdk.Shipment.cancel(request).from_(gateway).parse())
        if made is None or not made.success:
            raise CarrierRefused(carrier=self._account.name, said="it was not cancelled")
        return "voided"

    def track(self, *, labels: Sequence[LabelHandle]) -> tuple[TrackingReport, ...]:
        """Where parcels are, in karrio's own words, which are ours."""
        request = {"tracking_numbers": [one.tracking_number for one in labels]}
        found = self._talk(lambda gateway: self._sdk.Tracking.fetch(request).from_(gateway).parse()) or []
        return tuple(_report(one, event, moment=self._tools.moment) for one in found for event in reversed(one.events))

    def _shipment(self, parcel: ParcelToSend) -> dict[str, Any]:
        box = {"length": parcel.length_mm, "width": parcel.width_mm, "height": parcel.height_mm}
        return {
            "shipper": _address(parcel.sender),
            "recipient": _address(parcel.receiver),
            "parcels": [
                {
                    "weight": max(parcel.grams, 1) / 1000,
                    "weight_unit": "KG",
                    "dimension_unit": "CM",
                    **{name: size / 10 for name, size in box.items() if size},
                }
            ],
            "reference": parcel.reference,
        }

    def _talk(self, ask: Callable[[Any], Any]) -> Any:
        """Have karrio ask; what went wrong on the way becomes one of our faults, certain or not."""
        name = self._account.setting("carrier")
        with talking(send=self._tools.send) as talk:
            try:
                gateway = self._sdk.gateway[name].create({**self._credentials, "test_mode": self._account.is_test})
                details, messages = ask(gateway)
            except CarrierFault:
                raise
            except Exception as fault:
                raise self._fault_of(talk, said_of(text=fault)) from fault
        if details:
            return details
        said = "; ".join(said_of(text=one.message or one.code or "") for one in messages or [])
        if said or talk.fault:
            raise self._fault_of(talk, said)
        return details

    def _fault_of(self, talk: Talk, said: str) -> CarrierFault:
        if talk.fault is not None:
            return talk.fault
        if not talk.answers:
            return BadParcel(carrier=self._account.name, reason=said or "karrio refused it", remedy="")
        if talk.last_status in _KEY_STATUS:
            return CarrierKeyRefused(carrier=self._account.name, said=said)
        if talk.last_status in _SURE_STATUS:
            return CarrierRefused(carrier=self._account.name, said=said)
        return CarrierUnsure(carrier=self._account.name, cause=said or "its answer lacks what we need")


def _address(party: Party) -> dict[str, str]:
    return {
        "person_name": party.name,
        "company_name": party.company,
        "phone_number": party.phone,
        "email": party.email,
        "address_line1": party.line1,
        "address_line2": party.line2,
        "city": party.city or party.region,
        "state_code": party.region,
        "postal_code": party.postcode,
        "country_code": party.country,
    }


def _document(docs: Any) -> LabelDocument:
    """karrio gives one label in Base64, PDF or ZPL, and sometimes both beside it."""
    given = [getattr(docs, name, None) for name in ("pdf_label", "zpl_label", "label")]
    pdf, zpl = b"", ""
    for text in filter(None, given):
        try:
            content = base64.b64decode(text)
        except ValueError:
            continue
        if content.startswith(b"%PDF"):
            pdf = pdf or content
        elif b"^XA" in content[:2_000]:
            zpl = zpl or content.decode("utf-8", "replace")
    return LabelDocument(pdf=pdf, zpl=zpl)


def _report(tracker: Any, event: Any, *, moment: dt.datetime) -> TrackingReport:
    state = event.status or tracker.status or "unknown"
    return TrackingReport(
        tracking_number=tracker.tracking_number,
        state=state if state in PARCEL_STATES else "unknown",
        incident=event.reason or "",
        happened_at=_moment(event) or moment,
        event_code=said_of(text=event.code or ""),
        description=said_of(text=event.description or ""),
        where=said_of(text=event.location or ""),
    )


def _moment(event: Any) -> dt.datetime | None:
    for text in (event.timestamp, f"{event.date}T{event.time or '00:00'}", event.date):
        try:
            found = dt.datetime.fromisoformat(str(text))
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return None
