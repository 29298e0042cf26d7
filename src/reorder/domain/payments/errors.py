"""What can go wrong with payments, refunds and store credit."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class UnknownPayment(NotFound):
    code = "payments.unknown_payment"
    template = "There is no payment {payment}."


class UnknownRefund(NotFound):
    code = "payments.unknown_refund"
    template = "There is no refund {refund}."


class UnknownProvider(NotFound):
    code = "payments.unknown_provider"
    template = "There is no way of paying {provider}."


class WayNotOffered(BadInput):
    """A way of paying that this shop or this order cannot use."""

    code = "payments.way_not_offered"
    template = "{provider} is not possible here: {reason}."


class BadPaymentAmount(BadInput):
    code = "payments.bad_amount"
    template = "{amount} cannot be taken: {reason}."


class NothingOwed(Conflict):
    """Money is told for an order that is paid."""

    code = "payments.nothing_owed"
    template = "Order {order} owes nothing."


class RefundTooLarge(Conflict):
    """More than was paid and not given back yet."""

    code = "payments.refund_too_large"
    template = "{amount} is more than can be given back: {refundable}."


class NotEnoughCredit(Conflict):
    code = "payments.not_enough_credit"
    template = "The store credit does not reach: {amount} is wanted, {balance} is there."


class PaymentKeyReused(Conflict):
    """An idempotency key that stands for something else already."""

    code = "payments.key_reused"
    template = "The key {key} was used for another payment, refund or credit already."


# Reasons that errors carry; surfaces translate them.
REASON_TEMPLATES = (
    "it must be above zero",
    "it is more than the order still owes",
    "it is too large",
    "the shop has no bank account in its settings",
    "the order has no customer with store credit",
    "the order is cancelled",
    "the order is a draft",
    "nothing was paid",
    "the order was not paid elsewhere",
    "the order is fulfilled elsewhere",
    "the payment is not open",
)
