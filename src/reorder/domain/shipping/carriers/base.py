"""The one face of every carrier, and which adapter an account uses; adapters know this package and never each other.

Whatever an adapter does, it goes out by `tools.send` only, and raises one of `faults`. `buy` and `void` may be called
once for a reference: the caller keeps a claim; after CarrierUnsure only `find` may follow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Protocol

from reorder.domain.shipping.carriers.faults import BadAccountSetting
from reorder.domain.shipping.carriers.values import (
    AccountValues,
    BoughtLabel,
    Callback,
    CallbackRead,
    Capabilities,
    CarrierForm,
    CarrierTools,
    LabelDocument,
    LabelHandle,
    Manifest,
    ParcelToSend,
    PickUp,
    PickUpRequest,
    RateAnswer,
    StoreChoice,
    TrackingReport,
)
from reorder.kernel.adapter_fields import AdapterField


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterCard:
    """What an adapter is called, what an account of it needs, and the carrier's services that are known beforehand.

    `services` are (carrier's service, words); empty: the carrier's names are typed in.
    """

    name: str
    title: str
    summary: str
    fields: tuple[AdapterField, ...] = ()
    services: tuple[tuple[str, str], ...] = ()
    capabilities: Capabilities


class Carrier(Protocol):
    """An account with a carrier, ready to be asked. What it cannot do raises CarrierCannot."""

    capabilities: Capabilities

    def check(self) -> str:
        """Ask the least that shows whether address and keys are right; a sentence of what was answered."""
        ...

    def rate(self, *, parcel: ParcelToSend, service_codes: Sequence[str]) -> tuple[RateAnswer, ...]:
        """What our services cost for a parcel; those that do not take it are left out."""
        ...

    def buy(self, *, parcel: ParcelToSend, service_code: str) -> BoughtLabel:
        """Buy one label. Raises CarrierRefused, CarrierUnreached, BadParcel: not bought; CarrierUnsure: perhaps."""
        ...

    def find(self, *, parcel: ParcelToSend, service_code: str) -> BoughtLabel | None:
        """The label bought with the parcel's reference, None when there surely is none. Raises CarrierCannotSay."""
        ...

    def void(self, *, label: LabelHandle) -> str:
        """Give a label back; `voided`, or `voiding` when the carrier takes its time."""
        ...

    def is_void(self, *, label: LabelHandle) -> bool | None:
        """After an unsure `void`: whether the label is given back; None when the carrier does not say."""
        ...

    def track(self, *, labels: Sequence[LabelHandle]) -> tuple[TrackingReport, ...]:
        """Where the parcels of these labels are; those that the carrier does not know are left out."""
        ...

    def label(self, *, label: LabelHandle, parcel: ParcelToSend) -> LabelDocument:
        """The label once more, as PDF and ZPL where the carrier has them."""
        ...

    def label_form(self, *, labels: Sequence[LabelHandle]) -> CarrierForm:
        """The page of the carrier's that prints labels, for carriers with `forms`."""
        ...

    def store_map(self, *, reference: str, service_code: str, collects: bool, reply_url: str, note: str) -> CarrierForm:
        """The page on which somebody chooses a store, for carriers with `store_map`; it posts to `reply_url`."""
        ...

    def read_store_choice(self, *, callback: Callback) -> StoreChoice:
        """The choice that was posted to `reply_url`. Raises BadCallback."""
        ...

    def pick_up(self, *, request: PickUpRequest) -> PickUp:
        """Have the carrier come for parcels."""
        ...

    def manifest(self, *, labels: Sequence[LabelHandle]) -> Manifest:
        """Hand over: the list that the driver signs."""
        ...

    def read_callback(self, *, callback: Callback) -> CallbackRead:
        """A message of the carrier's, verified. Raises BadCallback."""
        ...


AT_PACKING_FIELD: Final = AdapterField(
    name="buys_at_packing",
    label="Buy when a box is closed",
    is_needed=False,
    default="no",
    help="So that the label is there when the packer has closed the box.",
    choices=(("no", "no"), ("yes", "yes")),
)
HAZARD_FIELD: Final = AdapterField(
    name="takes_hazard",
    label="Takes dangerous goods",
    is_needed=False,
    default="no",
    help="Only with a contract that says so.",
    choices=(("no", "no"), ("yes", "yes")),
)
# Who sends, for carriers that must know it: accounts of several places are several accounts.
SENDER_FIELDS: Final = (
    AdapterField(name="sender_name", label="Sender"),
    AdapterField(name="sender_phone", label="Sender's phone"),
    AdapterField(name="sender_postcode", label="Sender's postcode"),
    AdapterField(name="sender_region", label="Sender's county or state", is_needed=False),
    AdapterField(name="sender_city", label="Sender's city or district", is_needed=False),
    AdapterField(name="sender_line1", label="Sender's street and number"),
    AdapterField(name="sender_country", label="Sender's country", is_needed=False, default="TW"),
)

MakeCarrier = Callable[..., Carrier]
# In the order in which they are offered.
ADAPTERS: Final = ("rate_table", "ecpay", "easypost", "karrio")
_HOME: Final = "reorder.domain.shipping.carriers"


def get_card(*, adapter: str) -> AdapterCard:
    """What an adapter is and needs. Raises BadAccountSetting for a name that is none."""
    if adapter not in ADAPTERS:
        raise BadAccountSetting(carrier=adapter, field="adapter", reason="choose one of the adapters")
    card: AdapterCard = import_module(f"{_HOME}.{adapter}.card").CARD
    return card


def list_cards() -> tuple[AdapterCard, ...]:
    """Every adapter, the embedded one first."""
    return tuple(get_card(adapter=name) for name in ADAPTERS)


def open_carrier(*, account: AccountValues, tools: CarrierTools) -> Carrier:
    """The carrier of an account. Raises BadAccountSetting, CarrierExtraMissing."""
    refuse_missing(card=get_card(adapter=account.adapter), settings=account.settings, secrets=account.secrets)
    make: MakeCarrier = import_module(f"{_HOME}.{account.adapter}.carrier").make_carrier
    return make(account=account, tools=tools)


def refuse_missing(*, card: AdapterCard, settings: Mapping[str, object], secrets: Mapping[str, str]) -> None:
    """Raises BadAccountSetting with the first thing that an account of this adapter needs and lacks."""
    for one in card.fields:
        given = secrets.get(one.name) if one.is_secret else settings.get(one.name)
        if one.is_needed and not given and not one.default:
            raise BadAccountSetting(carrier=card.title, field=one.label, reason="it is needed")
