"""Goods that come back (逆物流): opened, answered, awaited, received by scan, graded, and settled; each step once."""

from reorder.flows.returns.answering import accept, cancel, decline, expire_returns
from reorder.flows.returns.claiming import send_claim
from reorder.flows.returns.finding import open_by_scan
from reorder.flows.returns.inspecting import Grading, grade_goods, redispose_goods
from reorder.flows.returns.opening import (
    OpenedReturn,
    ReturnWish,
    open_for_customer,
    open_return,
    returnable_units,
)
from reorder.flows.returns.picturing import kind_of_picture, take_photo
from reorder.flows.returns.receiving import GoodsScan, finish_receiving, receive_at_desk, receive_goods
from reorder.flows.returns.sending import follow_back_parcel, mark_under_way, send_instructions
from reorder.flows.returns.settling import Settled, Settlement, settle_held, settle_return

__all__ = [
    "GoodsScan",
    "Grading",
    "OpenedReturn",
    "ReturnWish",
    "Settled",
    "Settlement",
    "accept",
    "cancel",
    "decline",
    "expire_returns",
    "finish_receiving",
    "follow_back_parcel",
    "grade_goods",
    "kind_of_picture",
    "mark_under_way",
    "open_by_scan",
    "open_for_customer",
    "open_return",
    "receive_at_desk",
    "receive_goods",
    "redispose_goods",
    "returnable_units",
    "send_claim",
    "send_instructions",
    "settle_held",
    "settle_return",
    "take_photo",
]
