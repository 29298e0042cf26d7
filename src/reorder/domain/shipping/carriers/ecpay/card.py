"""What an account of ECPay's logistics needs, and its kinds of delivery."""

from typing import Final

from reorder.domain.shipping.carriers.base import (
    AT_PACKING_FIELD,
    HAZARD_FIELD,
    SENDER_FIELDS,
    AdapterCard,
)
from reorder.domain.shipping.carriers.values import Capabilities
from reorder.kernel.adapter_fields import AdapterField

ADDRESS: Final = "https://logistics.ecpay.com.tw"
TEST_ADDRESS: Final = "https://logistics-stage.ecpay.com.tw"
# Carrier's service (LogisticsSubType) and its words.
SERVICES: Final = (
    ("UNIMARTC2C", "7-ELEVEN 店到店 (C2C)"),
    ("FAMIC2C", "全家店到店 (C2C)"),
    ("HILIFEC2C", "萊爾富店到店 (C2C)"),
    ("OKMARTC2C", "OK 店到店 (C2C)"),
    ("UNIMART", "7-ELEVEN 大宗寄倉 (B2C)"),
    ("UNIMARTFREEZE", "7-ELEVEN 冷凍 (B2C)"),
    ("FAMI", "全家大宗寄倉 (B2C)"),
    ("HILIFE", "萊爾富大宗寄倉 (B2C)"),
    ("TCAT", "黑貓宅急便 (T-Cat)"),
)
C2C: Final = frozenset({"UNIMARTC2C", "FAMIC2C", "HILIFEC2C", "OKMARTC2C"})
STORES: Final = C2C | {"UNIMART", "UNIMARTFREEZE", "FAMI", "HILIFE"}

CARD: Final = AdapterCard(
    name="ecpay",
    title="ECPay 綠界",
    summary="Pick-up at 7-ELEVEN, FamilyMart, Hi-Life and OK, and 黑貓 to the door, with one contract.",
    fields=(
        AdapterField(name="merchant_id", label="MerchantID"),
        AdapterField(name="hash_key", label="HashKey", is_secret=True),
        AdapterField(name="hash_iv", label="HashIV", is_secret=True),
        AdapterField(
            name="address",
            label="Address of the server",
            is_needed=False,
            help="Empty: ECPay's own, or its stage for a test account.",
        ),
        *SENDER_FIELDS,
        AT_PACKING_FIELD,
        HAZARD_FIELD,
    ),
    services=SERVICES,
    capabilities=Capabilities(finds=True, voids=True, tracks=True, callbacks=True, forms=True, store_map=True),
)
