"""What passes between us and a carrier, whoever it is: typed values, no carrier's words."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from reorder.kernel.http_calls import HttpSend


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who sends or receives, and where; `store_code` is the convenience store where the receiver collects."""

    name: str
    phone: str = ""
    email: str = ""
    company: str = ""
    country: str = "TW"
    postcode: str = ""
    region: str = ""
    city: str = ""
    line1: str = ""
    line2: str = ""
    store_code: str = ""
    note: str = ""

    @property
    def one_line(self) -> str:
        """Region, city and street as one text, without the postcode."""
        return f"{self.region}{self.city}{self.line1}{self.line2}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelToSend:
    """One box as a carrier must know it.

    `reference` is ours and unique at the carrier: by it we ask later whether a label was bought. `series_number` counts
    labels of this shop. `collect_minor` is what the carrier collects in cash; amounts are minor units of `currency`.
    """

    reference: str
    series_number: int
    parcel_number: str
    order_number: str
    sender: Party
    receiver: Party
    temperature_class: str = "ambient"
    grams: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    goods_name: str = ""
    value_minor: int = 0
    collect_minor: int = 0
    currency: str = "TWD"
    direction: str = "out"

    @property
    def longest_mm(self) -> int:
        return max(self.length_mm, self.width_mm, self.height_mm)

    @property
    def sum_mm(self) -> int:
        return self.length_mm + self.width_mm + self.height_mm


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a carrier can do for us by program; what it cannot, a person does on the carrier's own pages.

    `rates`: says prices. `finds`: says afterwards whether a label was bought. `voids`, `tracks`, `picks_up`,
    `manifests`: as named. `callbacks`: tells us by itself how parcels fare. `forms`: its label is a page of the
    carrier's, opened with signed fields. `store_map`: lets a customer choose a store.
    """

    rates: bool = False
    finds: bool = False
    voids: bool = False
    tracks: bool = False
    picks_up: bool = False
    manifests: bool = False
    callbacks: bool = False
    forms: bool = False
    store_map: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RateAnswer:
    """What a service costs for a parcel; `days` None: the carrier does not say."""

    service_code: str
    cost_minor: int
    currency: str
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelDocument:
    """A label as it is printed: PDF, or ZPL for a label printer, or both."""

    pdf: bytes = b""
    zpl: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.pdf and not self.zpl


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierForm:
    """A page of the carrier's that is opened by posting these fields."""

    url: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoughtLabel:
    """A label that the carrier sold us: its name there, and in `details` what voiding or printing needs.

    `cost_minor` None: the carrier does not say what it costs.
    """

    carrier_reference: str
    tracking_number: str
    cost_minor: int | None = None
    currency: str = ""
    document: LabelDocument = field(default_factory=LabelDocument)
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelHandle:
    """A label of ours as the carrier knows it, to void, print, hand over or ask about."""

    reference: str
    series_number: int
    service: str
    carrier_reference: str
    tracking_number: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingReport:
    """What a carrier said about a parcel at a moment, in our twelve states and in its own words.

    `event_code` is the carrier's code (with the sub-type where codes mean different things), `incident` one of karrio's
    reasons or empty.
    """

    tracking_number: str
    state: str
    happened_at: dt.datetime
    event_code: str = ""
    description: str = ""
    where: str = ""
    incident: str = ""
    carrier_reference: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickUpRequest:
    """When and where the carrier shall come for parcels."""

    sender: Party
    date: dt.date
    ready_time: dt.time
    closing_time: dt.time
    labels: tuple[LabelHandle, ...]
    instructions: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickUp:
    """A pick-up that was agreed; `confirmation` is the carrier's number for it."""

    confirmation: str
    cost_minor: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The list that the driver signs: the carrier's number for it, and its document when the carrier makes one."""

    carrier_reference: str
    pdf: bytes = b""
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What somebody posted to our address for a carrier's messages, as it came."""

    body: bytes
    headers: Mapping[str, str]
    received_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRead:
    """A verified message: what it tells, and what must be answered for the carrier to be content."""

    reports: tuple[TrackingReport, ...]
    reply: str = "OK"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreChoice:
    """The store that somebody chose on a carrier's map. Not signed: it is that person's word about one parcel."""

    sub_type: str
    store_code: str
    name: str
    address: str
    phone: str
    is_outlying: bool
    note: str


class DrawLabel(Protocol):
    """Draws our own label of 100 by 150 mm; values of the label in, PDF and ZPL out."""

    def __call__(self, *, parcel: ParcelToSend, tracking_number: str, service_name: str) -> LabelDocument: ...


class Price(Protocol):
    """What the shop's own table of rates says; None where it is silent."""

    def __call__(self, *, parcel: ParcelToSend, service_code: str) -> RateAnswer | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierTools:
    """What an adapter may use: the way out, the shop's labels and rates, the moment, the address for callbacks.

    `send` raises CarrierUnreached (surely nothing arrived) or CarrierUnsure (something may have).
    """

    send: HttpSend
    draw_label: DrawLabel
    price: Price
    moment: dt.datetime
    time_zone: str = "Asia/Taipei"
    callback_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountValues:
    """An account with a carrier, opened for use: settings and secrets as they are needed for calls.

    `services` names the carrier's own service for each of ours.
    """

    id: int
    name: str
    adapter: str
    is_test: bool
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    services: Mapping[str, str]

    def setting(self, name: str, default: str = "") -> str:
        """A setting as text."""
        return str(self.settings.get(name) or default)
