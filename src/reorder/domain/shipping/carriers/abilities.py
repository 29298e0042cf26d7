"""What a carrier that cannot do something answers: adapters take what they lack from here."""

from collections.abc import Sequence

from reorder.domain.shipping.carriers.faults import CarrierCannot, CarrierCannotSay
from reorder.domain.shipping.carriers.values import (
    BoughtLabel,
    Callback,
    CallbackRead,
    CarrierForm,
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


class CannotByProgram:
    """Every ability, refused with a clear word."""

    title = ""

    def rate(self, *, parcel: ParcelToSend, service_codes: Sequence[str]) -> tuple[RateAnswer, ...]:
        raise self._cannot("say prices")

    def find(self, *, parcel: ParcelToSend, service_code: str) -> BoughtLabel | None:
        raise CarrierCannotSay(carrier=self.title, cause="it has no such question")

    def void(self, *, label: LabelHandle) -> str:
        raise self._cannot("cancel a label")

    def is_void(self, *, label: LabelHandle) -> bool | None:
        return None

    def track(self, *, labels: Sequence[LabelHandle]) -> tuple[TrackingReport, ...]:
        raise self._cannot("say where parcels are")

    def label(self, *, label: LabelHandle, parcel: ParcelToSend) -> LabelDocument:
        raise self._cannot("print a label")

    def label_form(self, *, labels: Sequence[LabelHandle]) -> CarrierForm:
        raise self._cannot("print a label")

    def store_map(self, *, reference: str, service_code: str, collects: bool, reply_url: str, note: str) -> CarrierForm:
        raise self._cannot("show a map of stores")

    def read_store_choice(self, *, callback: Callback) -> StoreChoice:
        raise self._cannot("show a map of stores")

    def pick_up(self, *, request: PickUpRequest) -> PickUp:
        raise self._cannot("come for parcels")

    def manifest(self, *, labels: Sequence[LabelHandle]) -> Manifest:
        raise self._cannot("make a manifest")

    def read_callback(self, *, callback: Callback) -> CallbackRead:
        raise self._cannot("take a message")

    def _cannot(self, action: str) -> CarrierCannot:
        return CarrierCannot(carrier=self.title, action=action)
