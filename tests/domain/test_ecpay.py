"""ECPay: signatures as published, fields within its limits, messages verified, statuses in our words."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from reorder.domain.shipping.carriers.ecpay.carrier import make_carrier
from reorder.domain.shipping.carriers.ecpay.forms import cleaned, create_fields, distance_of, mobile_of, size_of
from reorder.domain.shipping.carriers.ecpay.messages import read_store_choice
from reorder.domain.shipping.carriers.ecpay.signing import check_mac_value, is_signed, signed
from reorder.domain.shipping.carriers.ecpay.states import state_of
from reorder.domain.shipping.carriers.faults import (
    BadCallback,
    BadParcel,
    CarrierCannot,
    CarrierKeyRefused,
    CarrierRefused,
    CarrierUnsure,
)
from reorder.domain.shipping.carriers.values import (
    AccountValues,
    Callback,
    CarrierTools,
    LabelDocument,
    LabelHandle,
    ParcelToSend,
    Party,
)
from reorder.kernel.http_calls import HttpAnswer

NOON = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)
KEY, IV = "XBERn1YOvpM9nfZc", "h1ONHk4P4yqbl5LK"
SENDER = Party(
    name="島嶼茶行", phone="0922333444", postcode="20041", region="基隆市", city="仁愛區", line1="港西街 6 號之 1"
)
MEI = Party(
    name="林美玲",
    phone="0912-345-678",
    postcode="110",
    region="臺北市",
    city="信義區",
    line1="松仁路 1 號",
    store_code="001779",
)
PARCEL = ParcelToSend(
    reference="ABCD0000000012",
    series_number=12,
    parcel_number="P1",
    order_number="A-1",
    sender=SENDER,
    receiver=MEI,
    grams=900,
    length_mm=250,
    width_mm=180,
    height_mm=120,
    goods_name="Oolong 150 g",
    value_minor=90_000,
)


class Wire:
    """What was posted, and what comes back."""

    def __init__(self, *answers: bytes, status: int = 200) -> None:
        self.answers = list(answers)
        self.status = status
        self.posted: list[tuple[str, dict[str, str]]] = []

    def __call__(
        self, *, url: str, method: str = "POST", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> HttpAnswer:
        self.posted.append((url, dict(parse_qsl(body.decode(), keep_blank_values=True))))
        return HttpAnswer(status=self.status, headers={}, body=self.answers.pop(0))


def carrier(wire: Wire, **services: str) -> Any:
    tools = CarrierTools(
        send=wire,
        draw_label=lambda **_given: LabelDocument(pdf=b"%PDF"),
        price=lambda **_given: None,
        moment=NOON,
        callback_url="https://tea.example/hooks/carriers/x/",
    )
    account = AccountValues(
        id=1,
        name="ECPay",
        adapter="ecpay",
        is_test=True,
        settings={"merchant_id": "2000933"},
        secrets={"hash_key": KEY, "hash_iv": IV},
        services=services or {"store": "FAMIC2C", "seven": "UNIMARTC2C", "home": "TCAT"},
    )
    return make_carrier(account=account, tools=tools)


def answered(**fields: str) -> bytes:
    usual = {
        "MerchantID": "2000933",
        "MerchantTradeNo": "ABCD0000000012",
        "RtnCode": "300",
        "AllPayLogisticsID": "1718546",
        "LogisticsSubType": "FAMIC2C",
        "CVSPaymentNo": "12345678901",
        "CVSValidationNo": "",
    }
    return b"1|" + urlencode(signed(fields=usual | fields, hash_key=KEY, hash_iv=IV)).encode()


def test_the_published_signature_of_payments_is_made_with_sha256() -> None:
    fields = {
        "TradeDesc": "促銷方案",
        "PaymentType": "aio",
        "MerchantTradeDate": "2023/03/12 15:30:23",
        "MerchantTradeNo": "ecpay20230312153023",
        "MerchantID": "3002607",
        "ReturnURL": "https://www.ecpay.com.tw/receive.php",
        "ItemName": "Apple iphone 15",
        "TotalAmount": "30000",
        "ChoosePayment": "ALL",
        "EncryptType": "1",
    }

    made = check_mac_value(fields=fields, hash_key="pwFHCqoQZGmho4w6", hash_iv="EkRm7iFT261dpevs", digest="sha256")

    assert made == "6C51C9E6888DE861FD62FB1DD17029FC742634498FD813DC43D4243B5685B840"


def test_the_published_signature_of_callbacks_is_made_with_md5() -> None:
    fields = {
        "RtnCode": "1",
        "RtnMsg": "",
        "IA_Allow_No": "1909181313013546",
        "IA_Invoice_No": "UV11100019",
        "IA_Date": "2019-09-18 13:13:23",
        "IIS_Remain_Allowance_Amt": "0",
    }

    made = check_mac_value(fields=fields, hash_key="ejCk326UnaZWKisg", hash_iv="q9jcZX8Ib9LM8wYk")

    assert made == "50A276E71DAE26343013958B405EEEA0"


def test_the_signature_follows_dotnet_where_python_differs() -> None:
    # .NET and PHP write ~ as %7e and leave - _ . ! * ( ) bare.
    plain = check_mac_value(fields={"A": "-_.!*()"}, hash_key="k", hash_iv="v")
    tilde = check_mac_value(fields={"A": "~"}, hash_key="k", hash_iv="v")

    said = "hashkey%3dk%26a%3d-_.!*()%26hashiv%3dv"
    with_tilde = "hashkey%3dk%26a%3d%7e%26hashiv%3dv"
    assert plain == hashlib.md5(said.encode(), usedforsecurity=False).hexdigest().upper()
    assert tilde == hashlib.md5(with_tilde.encode(), usedforsecurity=False).hexdigest().upper()


def test_names_are_sorted_whatever_their_case_and_the_signature_itself_is_left_out() -> None:
    fields = {"b": "2", "A": "1"}

    made = signed(fields=fields, hash_key="k", hash_iv="v")

    assert is_signed(fields=made, hash_key="k", hash_iv="v")
    assert is_signed(fields=dict(reversed(made.items())), hash_key="k", hash_iv="v")
    assert not is_signed(fields=made | {"b": "3"}, hash_key="k", hash_iv="v")
    assert not is_signed(fields=fields, hash_key="k", hash_iv="v")


def test_a_store_parcel_is_ordered_with_store_mobile_and_amount() -> None:
    wire = Wire(answered())

    bought = carrier(wire).buy(parcel=PARCEL, service_code="store")

    url, posted = wire.posted[0]
    assert url == "https://logistics-stage.ecpay.com.tw/Express/Create"
    assert is_signed(fields=posted, hash_key=KEY, hash_iv=IV)
    assert {name: posted[name] for name in sorted(posted) if name != "CheckMacValue"} == {
        "GoodsAmount": "900",
        "GoodsName": "Oolong 150 g",
        "IsCollection": "N",
        "LogisticsSubType": "FAMIC2C",
        "LogisticsType": "CVS",
        "MerchantID": "2000933",
        "MerchantTradeDate": "2026/11/27 12:00:00",
        "MerchantTradeNo": "ABCD0000000012",
        "ReceiverCellPhone": "0912345678",
        "ReceiverName": "林美玲",
        "ReceiverStoreID": "001779",
        "SenderCellPhone": "0922333444",
        "SenderName": "島嶼茶行",
        "ServerReplyURL": "https://tea.example/hooks/carriers/x/",
    }
    assert (bought.carrier_reference, bought.tracking_number) == ("1718546", "12345678901")


def test_seven_eleven_numbers_end_with_the_check_that_customers_type() -> None:
    wire = Wire(answered(LogisticsSubType="UNIMARTC2C", CVSPaymentNo="G6544529", CVSValidationNo="7175"))

    bought = carrier(wire).buy(parcel=PARCEL, service_code="seven")

    assert bought.tracking_number == "G65445297175"
    assert bought.details == {"CVSPaymentNo": "G6544529", "CVSValidationNo": "7175", "sub_type": "UNIMARTC2C"}


def test_cash_is_collected_for_the_whole_amount_in_whole_dollars() -> None:
    fields = create_fields(parcel=replace(PARCEL, collect_minor=128_050), sub_type="FAMIC2C", carrier="ECPay")

    assert (fields["IsCollection"], fields["CollectionAmount"], fields["GoodsAmount"]) == ("Y", "1281", "1281")


def test_a_parcel_to_the_door_says_temperature_distance_and_size() -> None:
    parcel = replace(PARCEL, temperature_class="frozen", receiver=replace(MEI, store_code=""))

    fields = create_fields(parcel=parcel, sub_type="TCAT", carrier="ECPay")

    assert (fields["Temperature"], fields["Distance"], fields["Specification"]) == ("0003", "01", "0001")
    assert (fields["ScheduledPickupTime"], fields["ScheduledDeliveryTime"]) == ("4", "4")
    assert (fields["ReceiverAddress"], fields["SenderZipCode"]) == ("臺北市信義區松仁路 1 號", "20041")


@pytest.mark.parametrize(
    ("region", "postcode", "distance"), [("基隆市", "200", "00"), ("臺北市", "110", "01"), ("澎湖縣", "880", "02")]
)
def test_the_distance_is_the_same_county_another_or_an_island(region: str, postcode: str, distance: str) -> None:
    assert distance_of(sender=SENDER, receiver=replace(MEI, region=region, postcode=postcode)) == distance


@pytest.mark.parametrize(
    ("sum_mm", "size"), [(600, "0001"), (601, "0002"), (1_200, "0003"), (1_500, "0004"), (1_501, None)]
)
def test_the_size_is_the_sum_of_three_sides(sum_mm: int, size: str | None) -> None:
    assert size_of(parcel=replace(PARCEL, length_mm=sum_mm, width_mm=0, height_mm=0)) == size


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"receiver": replace(MEI, phone="02-2345-6789")}, "the receiver has no mobile number (09 and eight digits)"),
        ({"receiver": replace(MEI, store_code="")}, "no store is chosen"),
        (
            {"receiver": replace(MEI, name="林")},
            "the receiver's name has less than two Chinese letters, or four others",
        ),
        ({"sender": replace(SENDER, phone="02-1")}, "the sender has no mobile number"),
        ({"grams": 5_001}, "it is too large or too heavy"),
        ({"length_mm": 451}, "it is too large or too heavy"),
        ({"temperature_class": "chilled"}, "this service does not keep that temperature"),
        ({"value_minor": 2_000_100}, "it is worth more than NT$20,000"),
        ({"currency": "USD"}, "its amounts are not in New Taiwan dollars"),
    ],
)
def test_a_parcel_beyond_a_limit_is_told_and_not_sent(changed: dict[str, Any], reason: str) -> None:
    wire = Wire()

    with pytest.raises(BadParcel) as told:
        carrier(wire).buy(parcel=replace(PARCEL, **changed), service_code="store")

    assert told.value.parameters["reason"] == reason
    assert wire.posted == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"collect_minor": 100}, "it collects no money at the door"),
        ({"length_mm": 1_000}, "it is too large"),
        ({"receiver": replace(MEI, line1="", city="", region="")}, "the receiver's address has not 6 to 60 letters"),
        ({"receiver": replace(MEI, postcode="1")}, "a postcode of three or more digits is missing"),
    ],
)
def test_the_door_has_limits_of_its_own(changed: dict[str, Any], reason: str) -> None:
    parcel = replace(PARCEL, temperature_class="chilled", **changed)

    with pytest.raises(BadParcel) as told:
        create_fields(parcel=parcel, sub_type="TCAT", carrier="ECPay")

    assert told.value.parameters["reason"] == reason


def test_forbidden_letters_are_left_out_and_chinese_letters_count_two() -> None:
    assert cleaned(text="Tea & <cake> #1 100%", longest=50) == "Tea cake 1 100"
    assert cleaned(text="烏龍茶", longest=5) == "烏龍"
    assert mobile_of("+886 912 345 678") == "0912345678"
    assert mobile_of("0212345678") == ""


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"0|CheckMacValue Error", CarrierKeyRefused),
        ("0|門市已關閉".encode(), CarrierRefused),
        (b"<html>busy</html>", CarrierUnsure),
        (b"1|nothing=here", CarrierUnsure),
        (b"\xff\xfe", CarrierUnsure),
    ],
)
def test_an_answer_is_a_refusal_or_leaves_us_unsure(said: bytes, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        carrier(Wire(said)).buy(parcel=PARCEL, service_code="store")


def test_an_answer_that_is_not_signed_leaves_us_unsure() -> None:
    forged = answered().replace(b"1718546", b"9999999")

    with pytest.raises(CarrierUnsure):
        carrier(Wire(forged)).buy(parcel=PARCEL, service_code="store")


def test_a_server_error_leaves_us_unsure() -> None:
    with pytest.raises(CarrierUnsure):
        carrier(Wire(b"oops", status=500)).buy(parcel=PARCEL, service_code="store")


def test_an_order_is_found_by_our_reference_or_surely_not_there() -> None:
    found = answered(LogisticsStatus="300", HandlingCharge="60")[2:]
    wire = Wire(found, "0|查無資料".encode(), "0|系統忙碌".encode())
    asked = carrier(wire)

    bought = asked.find(parcel=PARCEL, service_code="store")

    assert wire.posted[0][1]["MerchantTradeNo"] == "ABCD0000000012"
    assert (bought.carrier_reference, bought.cost_minor, bought.currency) == ("1718546", 60_00, "TWD")
    assert asked.find(parcel=PARCEL, service_code="store") is None
    with pytest.raises(CarrierUnsure):
        asked.find(parcel=PARCEL, service_code="store")


def test_only_seven_eleven_to_seven_eleven_is_cancelled_by_program() -> None:
    handle = LabelHandle(
        reference="ABCD0000000012",
        series_number=12,
        service="seven",
        carrier_reference="1718546",
        tracking_number="G65445297175",
        details={"CVSPaymentNo": "G6544529", "CVSValidationNo": "7175"},
    )
    wire = Wire(b"1|OK", "0|已出貨".encode())
    asked = carrier(wire)

    assert asked.void(label=handle) == "voided"
    assert (wire.posted[0][1]["CVSPaymentNo"], wire.posted[0][1]["CVSValidationNo"]) == ("G6544529", "7175")
    with pytest.raises(CarrierRefused):
        asked.void(label=handle)
    with pytest.raises(CarrierCannot):
        asked.void(label=replace(handle, service="store"))


def test_its_printing_page_gets_signed_fields_of_several_orders() -> None:
    handles = [
        LabelHandle(
            reference=f"R{number}",
            series_number=number,
            service="seven",
            carrier_reference=str(number),
            tracking_number="-",
            details={"CVSPaymentNo": f"G{number}", "CVSValidationNo": f"{number}{number}"},
        )
        for number in (1, 2)
    ]

    form = carrier(Wire()).label_form(labels=handles)

    assert form.url.endswith("/Express/PrintUniMartC2COrderInfo")
    assert (form.fields["AllPayLogisticsID"], form.fields["CVSPaymentNo"], form.fields["CVSValidationNo"]) == (
        "1,2", "G1,G2", "11,22",
    )  # fmt: skip
    assert is_signed(fields=form.fields, hash_key=KEY, hash_iv=IV)


def message(**fields: str) -> Callback:
    usual = {
        "MerchantID": "2000933",
        "MerchantTradeNo": "ABCD0000000012",
        "RtnCode": "2067",
        "RtnMsg": "消費者成功取件",
        "AllPayLogisticsID": "1718546",
        "LogisticsType": "CVS",
        "LogisticsSubType": "UNIMARTC2C",
        "UpdateStatusDate": "2026/11/28 18:30:00",
        "CVSPaymentNo": "G6544529",
        "CVSValidationNo": "7175",
    }
    body = urlencode(signed(fields=usual | fields, hash_key=KEY, hash_iv=IV)).encode()
    return Callback(body=body, headers={}, received_at=NOON)


def test_a_message_is_verified_and_answered_as_ecpay_wants() -> None:
    read = carrier(Wire()).read_callback(callback=message())

    (report,) = read.reports
    assert read.reply == "1|OK"
    assert (report.tracking_number, report.state, report.event_code) == ("G65445297175", "delivered", "UNIMARTC2C/2067")
    assert report.happened_at == dt.datetime(2026, 11, 28, 10, 30, tzinfo=dt.UTC)
    assert (report.reference, report.carrier_reference) == ("ABCD0000000012", "1718546")


@pytest.mark.parametrize(
    "callback",
    [
        replace(message(), body=message().body.replace(b"2067", b"3003")),
        message(MerchantID="1"),
        Callback(body=b"RtnCode=300", headers={}, received_at=NOON),
        Callback(body=b"\xff\xff", headers={}, received_at=NOON),
        Callback(body=b"&".join(b"a=1" for _ in range(100)), headers={}, received_at=NOON),
    ],
)
def test_a_forged_or_broken_message_is_not_taken(callback: Callback) -> None:
    with pytest.raises(BadCallback):
        carrier(Wire()).read_callback(callback=callback)


@pytest.mark.parametrize(
    ("sub_type", "code", "wanted"),
    [
        ("FAMIC2C", "300", ("pending", "")),
        ("UNIMARTC2C", "2068", ("picked_up", "")),
        ("FAMI", "3024", ("in_transit", "")),
        ("TCAT", "3006", ("out_for_delivery", "")),
        ("FAMIC2C", "3018", ("ready_for_pickup", "")),
        ("TCAT", "3003", ("delivered", "")),
        ("TCAT", "3002", ("delivery_failed", "consignee_not_home")),
        ("TCAT", "3007", ("delivery_failed", "consignee_business_closed")),
        ("TCAT", "3117", ("delivery_failed", "consignee_refused")),
        ("UNIMARTC2C", "2058", ("delivery_delayed", "")),
        ("HILIFEC2C", "7020", ("delivery_failed", "carrier_parcel_lost")),
        ("FAMIC2C", "3020", ("return_to_sender", "")),
        ("TCAT", "5004", ("return_to_sender", "")),
        ("FAMIC2C", "9999", ("cancelled", "")),
        ("FAMIC2C", "2053", ("unknown", "")),
        ("FAMIC2C", "1", ("unknown", "")),
    ],
)
def test_statuses_are_read_by_sub_type(sub_type: str, code: str, wanted: tuple[str, str]) -> None:
    assert state_of(sub_type=sub_type, code=code) == wanted


def test_the_store_that_a_customer_chose_is_read_and_nonsense_refused() -> None:
    body = urlencode(
        {
            "LogisticsSubType": "FAMIC2C",
            "CVSStoreID": "001779",
            "CVSStoreName": "全家松仁店",
            "CVSAddress": "台北市信義區松仁路 1 號",
            "CVSOutSide": "1",
            "ExtraData": "A-1",
        }
    ).encode()

    chosen = read_store_choice(callback=Callback(body=body, headers={}, received_at=NOON))

    assert (chosen.store_code, chosen.name, chosen.is_outlying, chosen.note) == ("001779", "全家松仁店", True, "A-1")
    with pytest.raises(BadCallback):
        read_store_choice(callback=Callback(body=body.replace(b"001779", b"../etc"), headers={}, received_at=NOON))
