"""ECPay's logistics over HTTP: orders, questions, cancelling, its printing pages, its messages and its map of stores.

MerchantTradeNo is our reference and unique there: an order that arrives twice is refused the second time, and a lost
answer is asked for by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from reorder.domain.shipping.carriers.abilities import CannotByProgram
from reorder.domain.shipping.carriers.ecpay.card import ADDRESS, C2C, CARD, STORES, TEST_ADDRESS
from reorder.domain.shipping.carriers.ecpay.forms import create_fields
from reorder.domain.shipping.carriers.ecpay.messages import read_message, read_store_choice, report_of
from reorder.domain.shipping.carriers.ecpay.signing import is_signed, signed
from reorder.domain.shipping.carriers.faults import (
    BadParcel,
    CarrierCannot,
    CarrierKeyRefused,
    CarrierRefused,
    CarrierUnsure,
)
from reorder.domain.shipping.carriers.reading import refuse_bad_status, said_of
from reorder.domain.shipping.carriers.values import (
    AccountValues,
    BoughtLabel,
    Callback,
    CallbackRead,
    CarrierForm,
    CarrierTools,
    LabelDocument,
    LabelHandle,
    ParcelToSend,
    StoreChoice,
    TrackingReport,
)

_PRINT: Final = {
    "UNIMARTC2C": "/Express/PrintUniMartC2COrderInfo",
    "FAMIC2C": "/Express/PrintFAMIC2COrderInfo",
    "HILIFEC2C": "/Express/PrintHILIFEC2COrderInfo",
    "OKMARTC2C": "/Express/PrintOKMARTC2COrderInfo",
}
_PRINT_OTHERS: Final = "/helper/printTradeDocument"
_CREATE: Final = "/Express/Create"
_CANCEL: Final = "/Express/CancelC2COrder"
_QUERY: Final = "/Helper/QueryLogisticsTradeInfo/V5"
_KEPT: Final = ("CVSPaymentNo", "CVSValidationNo", "BookingNote", "ShipmentNo")
_NOT_THERE: Final = ("查無", "找不到", "not found", "no data", "can not find", "cannot find")
_MAC_FAULT: Final = ("checkmacvalue", "merchantid", "檢查碼", "10000")


def make_carrier(*, account: AccountValues, tools: CarrierTools) -> "EcpayCarrier":
    """An account of ECPay's logistics."""
    return EcpayCarrier(account=account, tools=tools)


class EcpayCarrier(CannotByProgram):
    """Convenience stores and T-Cat through ECPay."""

    capabilities = CARD.capabilities
    title = CARD.title

    def __init__(self, *, account: AccountValues, tools: CarrierTools) -> None:
        self._account = account
        self._tools = tools
        self._address = (account.setting("address") or (TEST_ADDRESS if account.is_test else ADDRESS)).rstrip("/")

    def check(self) -> str:
        """Ask for an order that is not there: the answer tells whether account and keys are right."""
        found = self._query(reference="REORDERCHECK")
        return "OK" if found is None else said_of(text=found.get("MerchantID", "OK"))

    def buy(self, *, parcel: ParcelToSend, service_code: str) -> BoughtLabel:
        """Place an order with our reference."""
        sub_type = self._sub_type(service_code)
        moment = self._tools.moment.astimezone(ZoneInfo("Asia/Taipei"))
        fields = create_fields(parcel=parcel, sub_type=sub_type, carrier=self._account.name)
        if not self._tools.callback_url:
            raise BadParcel(
                carrier=self._account.name,
                reason="ECPay must know where to tell of parcels",
                remedy="Set REORDER_PUBLIC_URL to this shop's address.",
            )
        text = self._post(
            _CREATE,
            fields
            | {
                "MerchantTradeNo": parcel.reference,
                "MerchantTradeDate": moment.strftime("%Y/%m/%d %H:%M:%S"),
                "ServerReplyURL": self._tools.callback_url,
            },
        )
        answer = self._read(text)
        self._refuse_unsigned(answer)
        return self._bought(answer, sub_type=sub_type)

    def find(self, *, parcel: ParcelToSend, service_code: str) -> BoughtLabel | None:
        """The order with our reference, None when ECPay has none."""
        found = self._query(reference=parcel.reference)
        return None if found is None else self._bought(found, sub_type=self._sub_type(service_code))

    def void(self, *, label: LabelHandle) -> str:
        """7-ELEVEN C2C alone can be cancelled by program."""
        if self._sub_type(label.service) != "UNIMARTC2C":
            raise CarrierCannot(carrier=self._account.name, action="cancel a label")
        text = self._post(
            _CANCEL,
            {
                "AllPayLogisticsID": label.carrier_reference,
                "CVSPaymentNo": label.details.get("CVSPaymentNo", ""),
                "CVSValidationNo": label.details.get("CVSValidationNo", ""),
            },
        )
        if not text.startswith("1|"):
            raise CarrierRefused(carrier=self._account.name, said=said_of(text=text.partition("|")[2] or text))
        return "voided"

    def is_void(self, *, label: LabelHandle) -> bool | None:
        """Whether ECPay calls the order cancelled."""
        found = self._query(reference=label.reference)
        return None if found is None else found.get("LogisticsStatus") == "9999"

    def track(self, *, labels: Sequence[LabelHandle]) -> tuple[TrackingReport, ...]:
        """By ECPay's own numbers of orders, one question each; what it does not know is left out."""
        reports = []
        for one in labels:
            found = self._query(order=one.carrier_reference)
            if found is not None:
                told = report_of(fields=found, received_at=self._tools.moment)
                reports.append(replace(told, tracking_number=one.tracking_number))
        return tuple(reports)

    def label(self, *, label: LabelHandle, parcel: ParcelToSend) -> LabelDocument:
        """The label for the driver and the counter is ECPay's page (`label_form`); ours for the box is drawn here."""
        return self._tools.draw_label(
            parcel=parcel, tracking_number=label.tracking_number, service_name=self._sub_type(label.service)
        )

    def label_form(self, *, labels: Sequence[LabelHandle]) -> CarrierForm:
        """ECPay's page that prints these; all of one kind of delivery."""
        sub_type = self._sub_type(labels[0].service)
        fields = {
            "MerchantID": self._account.setting("merchant_id"),
            "AllPayLogisticsID": ",".join(one.carrier_reference for one in labels),
        }
        if sub_type in C2C:
            fields["CVSPaymentNo"] = ",".join(one.details.get("CVSPaymentNo", "") for one in labels)
        if sub_type == "UNIMARTC2C":
            fields["CVSValidationNo"] = ",".join(one.details.get("CVSValidationNo", "") for one in labels)
        return CarrierForm(url=self._address + _PRINT.get(sub_type, _PRINT_OTHERS), fields=self._signed(fields))

    def store_map(self, *, reference: str, service_code: str, collects: bool, reply_url: str, note: str) -> CarrierForm:
        """The page on which a customer chooses a store; the choice comes to `reply_url` (`read_store_choice`)."""
        sub_type = self._sub_type(service_code)
        if sub_type not in STORES:
            raise CarrierCannot(carrier=self._account.name, action="show a map of stores")
        fields = {
            "MerchantID": self._account.setting("merchant_id"),
            "MerchantTradeNo": reference,
            "LogisticsType": "CVS",
            "LogisticsSubType": sub_type,
            "IsCollection": "Y" if collects else "N",
            "ServerReplyURL": reply_url,
            "ExtraData": note[:20],
        }
        return CarrierForm(url=f"{self._address}/Express/map", fields=fields)

    def read_store_choice(self, *, callback: Callback) -> StoreChoice:
        """The store that was chosen on the map. Raises BadCallback."""
        return read_store_choice(callback=callback)

    def read_callback(self, *, callback: Callback) -> CallbackRead:
        """A signed message about a parcel; ECPay wants `1|OK`. Raises BadCallback."""
        report = read_message(
            callback=callback,
            merchant_id=self._account.setting("merchant_id"),
            hash_key=self._account.secrets.get("hash_key", ""),
            hash_iv=self._account.secrets.get("hash_iv", ""),
            carrier=self._account.name,
        )
        return CallbackRead(reports=(report,), reply="1|OK")

    def _sub_type(self, service_code: str) -> str:
        sub_type = self._account.services.get(service_code, "")
        if sub_type not in dict(CARD.services):
            raise BadParcel(
                carrier=self._account.name,
                reason=f"the account names no ECPay service for {service_code}",
                remedy="Name it under Setup, Carrier accounts.",
            )
        return sub_type

    def _signed(self, fields: Mapping[str, str]) -> dict[str, str]:
        secrets = self._account.secrets
        return signed(fields=fields, hash_key=secrets.get("hash_key", ""), hash_iv=secrets.get("hash_iv", ""))

    def _post(self, path: str, fields: Mapping[str, str]) -> str:
        given = {"MerchantID": self._account.setting("merchant_id"), **fields}
        body = urlencode(self._signed({name: value for name, value in given.items() if value})).encode()
        answer = self._tools.send(
            url=self._address + path,
            headers={"content-type": "application/x-www-form-urlencoded", "accept": "text/html"},
            body=body,
        )
        refuse_bad_status(answer=answer, carrier=self._account.name, said="")
        try:
            return answer.body.decode().strip()
        except UnicodeDecodeError:
            raise CarrierUnsure(carrier=self._account.name, cause="it answered something that we cannot read") from None

    def _read(self, text: str) -> dict[str, str]:
        """`1|a=b&c=d`, or `0|why not`; a refusal is certain, anything else is not."""
        verdict, bar, rest = text.partition("|")
        if bar and verdict == "0":
            said = said_of(text=rest)
            kind = CarrierKeyRefused if any(word in said.lower() for word in _MAC_FAULT) else CarrierRefused
            raise kind(carrier=self._account.name, said=said)
        fields = dict(parse_qsl(rest, keep_blank_values=True))
        if verdict != "1" or not fields.get("AllPayLogisticsID"):
            raise CarrierUnsure(carrier=self._account.name, cause="its answer lacks what we need")
        return fields

    def _query(self, *, reference: str = "", order: str = "") -> dict[str, str] | None:
        stamp = str(int(self._tools.moment.timestamp()))
        text = self._post(_QUERY, {"MerchantTradeNo": reference, "AllPayLogisticsID": order, "TimeStamp": stamp})
        if text.startswith("0|"):
            said = said_of(text=text[2:])
            if any(word in said.lower() for word in _NOT_THERE):
                return None
            kind = CarrierKeyRefused if any(word in said.lower() for word in _MAC_FAULT) else CarrierUnsure
            raise kind(carrier=self._account.name, said=said, cause=said)
        fields = dict(parse_qsl(text.removeprefix("1|"), keep_blank_values=True))
        self._refuse_unsigned(fields)
        return fields if fields.get("AllPayLogisticsID") else None

    def _refuse_unsigned(self, fields: Mapping[str, str]) -> None:
        secrets = self._account.secrets
        if not is_signed(fields=fields, hash_key=secrets.get("hash_key", ""), hash_iv=secrets.get("hash_iv", "")):
            raise CarrierUnsure(carrier=self._account.name, cause="the signature is wrong")

    def _bought(self, fields: Mapping[str, str], *, sub_type: str) -> BoughtLabel:
        """The number that customers type in: the store's shipping number, T-Cat's booking note, else ECPay's."""
        number = fields.get("CVSPaymentNo", "") + (
            fields.get("CVSValidationNo", "") if sub_type == "UNIMARTC2C" else ""
        )
        order = fields["AllPayLogisticsID"]
        charge = fields.get("HandlingCharge", "")
        return BoughtLabel(
            carrier_reference=order,
            tracking_number=number or fields.get("BookingNote", "") or fields.get("ShipmentNo", "") or order,
            cost_minor=int(charge) * 100 if charge.isdigit() else None,
            currency="TWD" if charge.isdigit() else "",
            details={name: fields[name] for name in _KEPT if fields.get(name)} | {"sub_type": sub_type},
        )
