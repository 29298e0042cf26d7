"""ECPay's forms: what it takes in which field, how long, without which letters; a parcel that breaks a rule is told.

Limits: ECPay, "Create store logistics order" (page 22414) and "Creating Shipment Orders (Home Delivery)" (22507).
"""

import re
import unicodedata
from typing import Final

from reorder.domain.shipping.carriers.ecpay.card import C2C, STORES
from reorder.domain.shipping.carriers.faults import BadParcel
from reorder.domain.shipping.carriers.values import ParcelToSend, Party
from reorder.kernel.money import minor_digits

FORBIDDEN: Final = frozenset("^'`!@#%&*+\\\"<>|_[]‘’“”")
LONGEST_GOODS_NAME: Final = 50
LONGEST_NAME: Final = 10
SHORTEST_NAME: Final = 4
MOST_AMOUNT: Final = 20_000
_MOBILE: Final = re.compile(r"09\d{8}")
_STORE: Final = re.compile(r"\d{1,6}")
_ADDRESS_LENGTH: Final = (6, 60)
_TEMPERATURES: Final = {"ambient": "0001", "chilled": "0002", "frozen": "0003"}
# Length + width + height in mm up to which a parcel has a size of T-Cat's.
_SIZES: Final = ((600, "0001"), (900, "0002"), (1_200, "0003"), (1_500, "0004"))
_COLD_SUM_MM: Final = 1_200
_MOST_GRAMS: Final = {"TCAT": 20_000}
_STORE_LIMITS: Final = (5_000, 450, 1_050)
_ISLANDS: Final = ("209", "21", "290", "817", "819", "88", "89", "929", "951", "952")
_SMALLEST_POSTCODE: Final = 3


def create_fields(*, parcel: ParcelToSend, sub_type: str, carrier: str) -> dict[str, str]:
    """The fields of an order for a label, without account, moment and signature. Raises BadParcel."""
    _refuse_misfit(parcel=parcel, sub_type=sub_type, carrier=carrier)
    fields = {
        "LogisticsType": "CVS" if sub_type in STORES else "HOME",
        "LogisticsSubType": sub_type,
        "GoodsAmount": _amount(parcel.value_minor or parcel.collect_minor, parcel=parcel, carrier=carrier),
        "GoodsName": cleaned(text=parcel.goods_name or parcel.order_number, longest=LONGEST_GOODS_NAME),
        "SenderName": _name(parcel.sender, carrier=carrier, whose="the sender's name"),
        "ReceiverName": _name(parcel.receiver, carrier=carrier, whose="the receiver's name"),
    }
    mine = _store_fields if sub_type in STORES else _home_fields
    return fields | mine(parcel=parcel, sub_type=sub_type, carrier=carrier)


def cleaned(*, text: str, longest: int) -> str:
    """A text without forbidden letters, no wider than so many half-width letters (a Chinese one counts two)."""
    plain = "".join(" " if letter in FORBIDDEN or not letter.isprintable() else letter for letter in text)
    kept, width = [], 0
    for letter in " ".join(plain.split()):
        width += _width(letter)
        if width > longest:
            break
        kept.append(letter)
    return "".join(kept).strip()


def mobile_of(phone: str) -> str:
    """A Taiwanese mobile number as ten digits; empty when it is none."""
    digits = re.sub(r"\D", "", phone)
    if digits.startswith("8869"):
        digits = "0" + digits[3:]
    return digits if _MOBILE.fullmatch(digits) else ""


def distance_of(*, sender: Party, receiver: Party) -> str:
    """T-Cat's distance: 00 the same county, 01 another, 02 an outlying island."""
    if any(_postcode(receiver).startswith(start) for start in _ISLANDS):
        return "02"
    return "00" if sender.region and sender.region == receiver.region else "01"


def size_of(*, parcel: ParcelToSend) -> str | None:
    """T-Cat's size, by the sum of the three sides; None above the largest. A parcel without sizes counts as 60 cm."""
    return next((code for sum_mm, code in _SIZES if parcel.sum_mm <= sum_mm), None)


def _store_fields(*, parcel: ParcelToSend, sub_type: str, carrier: str) -> dict[str, str]:
    mobile = mobile_of(parcel.receiver.phone)
    if not mobile:
        raise _bad(carrier, "the receiver has no mobile number (09 and eight digits)", "Enter one in the address.")
    if not _STORE.fullmatch(parcel.receiver.store_code):
        raise _bad(carrier, "no store is chosen", "Choose the store in the address: its number has up to six digits.")
    sender = mobile_of(parcel.sender.phone)
    if sub_type in C2C and not sender:
        raise _bad(carrier, "the sender has no mobile number", "Enter one in the account under Setup.")
    collects = parcel.collect_minor > 0
    money = {"CollectionAmount": _amount(parcel.collect_minor, parcel=parcel, carrier=carrier)} if collects else {}
    if collects:
        # ECPay takes no order whose goods are worth another amount than is collected.
        money["GoodsAmount"] = money["CollectionAmount"]
    return {
        "IsCollection": "Y" if collects else "N",
        "SenderCellPhone": sender,
        "ReceiverCellPhone": mobile,
        "ReceiverStoreID": parcel.receiver.store_code,
        **money,
    }


def _home_fields(*, parcel: ParcelToSend, sub_type: str, carrier: str) -> dict[str, str]:
    if parcel.collect_minor:
        raise _bad(carrier, "it collects no money at the door", "Choose a store, or have the order paid before.")
    size = size_of(parcel=parcel)
    if size is None or (parcel.temperature_class != "ambient" and parcel.sum_mm > _COLD_SUM_MM):
        raise _bad(
            carrier, "it is too large", "Pack it into smaller cartons: 150 cm in all, chilled and frozen 120 cm."
        )
    return {
        "SenderPhone": parcel.sender.phone,
        "SenderZipCode": _postcode(parcel.sender, carrier=carrier),
        "SenderAddress": _address(parcel.sender, carrier=carrier, whose="the sender's address"),
        "ReceiverPhone": "" if mobile_of(parcel.receiver.phone) else parcel.receiver.phone,
        "ReceiverCellPhone": mobile_of(parcel.receiver.phone),
        "ReceiverZipCode": _postcode(parcel.receiver, carrier=carrier),
        "ReceiverAddress": _address(parcel.receiver, carrier=carrier, whose="the receiver's address"),
        "Temperature": _TEMPERATURES[parcel.temperature_class],
        "Distance": distance_of(sender=parcel.sender, receiver=parcel.receiver),
        "Specification": size,
        "ScheduledPickupTime": "4",
        "ScheduledDeliveryTime": "4",
    }


def _refuse_misfit(*, parcel: ParcelToSend, sub_type: str, carrier: str) -> None:
    """Raises BadParcel for goods that this kind of delivery does not take."""
    if parcel.currency != "TWD":
        raise _bad(carrier, "its amounts are not in New Taiwan dollars", "Choose another carrier.")
    frozen_only = sub_type == "UNIMARTFREEZE"
    takes = {"frozen"} if frozen_only else {"ambient"} if sub_type in STORES else set(_TEMPERATURES)
    if parcel.temperature_class not in takes:
        raise _bad(carrier, "this service does not keep that temperature", "Choose another service.")
    grams, longest, total = _STORE_LIMITS if sub_type in STORES else (_MOST_GRAMS["TCAT"], 1_500, 1_500)
    if parcel.grams > grams or parcel.longest_mm > longest or parcel.sum_mm > total:
        raise _bad(carrier, "it is too large or too heavy", "Pack it into smaller cartons, or choose another service.")


def _amount(minor: int, *, parcel: ParcelToSend, carrier: str) -> str:
    """Whole dollars, 1 to 20,000."""
    whole = -(-minor // int(10 ** minor_digits(currency=parcel.currency)))
    if not 1 <= max(whole, 1) <= MOST_AMOUNT:
        raise _bad(carrier, f"it is worth more than NT${MOST_AMOUNT:,}", "Send it in several parcels.")
    return str(max(whole, 1))


def _name(party: Party, *, carrier: str, whose: str) -> str:
    """Four to ten letters wide; a longer name is cut, one that is too short or empty is told."""
    name = cleaned(text="".join(letter for letter in party.name if not letter.isdigit()), longest=LONGEST_NAME)
    if sum(map(_width, name)) < SHORTEST_NAME:
        raise _bad(carrier, f"{whose} has less than two Chinese letters, or four others", "Enter the full name.")
    return name


def _address(party: Party, *, carrier: str, whose: str) -> str:
    address = cleaned(text=party.one_line, longest=2 * _ADDRESS_LENGTH[1])
    if not _ADDRESS_LENGTH[0] <= len(address) <= _ADDRESS_LENGTH[1]:
        raise _bad(carrier, f"{whose} has not 6 to 60 letters", "Mend the address.")
    return address


def _postcode(party: Party, *, carrier: str = "") -> str:
    digits = re.sub(r"\D", "", party.postcode)
    if carrier and len(digits) < _SMALLEST_POSTCODE:
        raise _bad(carrier, "a postcode of three or more digits is missing", "Mend the address.")
    return digits


def _width(letter: str) -> int:
    return 2 if unicodedata.east_asian_width(letter) in "WFA" else 1


def _bad(carrier: str, reason: str, remedy: str) -> BadParcel:
    return BadParcel(carrier=carrier, reason=reason, remedy=remedy)
