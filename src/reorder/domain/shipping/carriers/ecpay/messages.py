"""What ECPay tells us by itself: how parcels fare (signed), and which store a customer chose (not signed)."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from reorder.domain.shipping.carriers.ecpay.card import STORES
from reorder.domain.shipping.carriers.ecpay.signing import is_signed
from reorder.domain.shipping.carriers.ecpay.states import state_of
from reorder.domain.shipping.carriers.faults import BadCallback
from reorder.domain.shipping.carriers.reading import said_of
from reorder.domain.shipping.carriers.values import Callback, StoreChoice, TrackingReport

_TAIPEI: Final = ZoneInfo("Asia/Taipei")
_STORE_CODE: Final = re.compile(r"[0-9A-Za-z]{1,6}")
_MOST_FIELDS: Final = 60


def read_message(*, callback: Callback, merchant_id: str, hash_key: str, hash_iv: str, carrier: str) -> TrackingReport:
    """A message about a parcel. Raises BadCallback for one that is no form, is not signed, or is another merchant's."""
    fields = _fields(callback.body, carrier=carrier)
    if not hash_key or not is_signed(fields=fields, hash_key=hash_key, hash_iv=hash_iv):
        raise BadCallback(carrier=carrier, reason="the signature is wrong")
    if fields.get("MerchantID") != merchant_id:
        raise BadCallback(carrier=carrier, reason="it is for another merchant")
    if not fields.get("RtnCode") or not (fields.get("AllPayLogisticsID") or fields.get("MerchantTradeNo")):
        raise BadCallback(carrier=carrier, reason="it names no parcel")
    return report_of(fields=fields, received_at=callback.received_at)


def report_of(*, fields: Mapping[str, str], received_at: dt.datetime) -> TrackingReport:
    """A message, or an answer to a question, as a report; both use other names for the same."""
    code = fields.get("RtnCode") or fields.get("LogisticsStatus") or ""
    sub_type = fields.get("LogisticsSubType") or fields.get("LogisticsType", "").rpartition("_")[2]
    state, incident = state_of(sub_type=sub_type, code=code)
    number = fields.get("CVSPaymentNo", "")
    if sub_type == "UNIMARTC2C":
        number += fields.get("CVSValidationNo", "")
    return TrackingReport(
        tracking_number=number
        or fields.get("BookingNote", "")
        or fields.get("ShipmentNo", "")
        or fields.get("AllPayLogisticsID", ""),
        state=state,
        incident=incident,
        happened_at=_moment(fields.get("UpdateStatusDate", "")) or received_at,
        event_code=f"{sub_type}/{code}",
        description=said_of(text=fields.get("RtnMsg", "")),
        carrier_reference=fields.get("AllPayLogisticsID", ""),
        reference=fields.get("MerchantTradeNo", ""),
    )


def read_store_choice(*, callback: Callback) -> StoreChoice:
    """The choice that ECPay's map posted. Raises BadCallback."""
    fields = _fields(callback.body, carrier="ECPay")
    sub_type, store = fields.get("LogisticsSubType", ""), fields.get("CVSStoreID", "")
    if sub_type not in STORES or not _STORE_CODE.fullmatch(store):
        raise BadCallback(carrier="ECPay", reason="it names no store")
    return StoreChoice(
        sub_type=sub_type,
        store_code=store,
        name=said_of(text=fields.get("CVSStoreName", "")),
        address=said_of(text=fields.get("CVSAddress", "")),
        phone=said_of(text=fields.get("CVSTelephone", "")),
        is_outlying=fields.get("CVSOutSide") == "1",
        note=said_of(text=fields.get("ExtraData", "")),
    )


def _fields(body: bytes, *, carrier: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise BadCallback(carrier=carrier, reason="it is no form") from None


def _moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, "%Y/%m/%d %H:%M:%S").replace(tzinfo=_TAIPEI)
    except ValueError:
        return None
