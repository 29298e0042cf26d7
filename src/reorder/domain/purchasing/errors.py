"""What can go wrong with buying; each says what a person can do about it."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class UnknownProposal(NotFound):
    code = "purchasing.unknown_proposal"
    template = "There is no proposal {proposal_id}."


class ProposalDecided(Conflict):
    """Somebody, or a later plan, decided first."""

    code = "purchasing.proposal_decided"
    template = "Proposal {proposal_id} is no longer open: it was {state}{by}."


class ProposalChanged(Conflict):
    """Somebody edited it after this page was made; the page's numbers are no longer what would be ordered."""

    code = "purchasing.proposal_changed"
    template = (
        "Proposal {proposal_id} ({sku}) was changed meanwhile by {by}: it asks for {units} units of {supplier} now."
    )


class BadProposalEdit(BadInput):
    code = "purchasing.bad_proposal_edit"
    template = "Proposal {proposal_id} cannot be changed: {reason}."


class NotOffered(BadInput):
    code = "purchasing.not_offered"
    template = "{supplier} does not offer {sku}, or no longer does."


class SelectionChanged(Conflict):
    """What a bulk decision was shown is not what is open now; nothing was decided."""

    code = "purchasing.selection_changed"
    template = "The proposals of {supplier} changed after this page was made: look at them again. Nothing was ordered."


class NothingSelected(BadInput):
    code = "purchasing.nothing_selected"
    template = "No proposal is ticked. Tick what you want to decide."


class NothingProposed(NotFound):
    code = "purchasing.nothing_proposed"
    template = "No open proposal{where}. A new plan makes some: reorder plan"


class UnknownSupplier(NotFound):
    code = "purchasing.unknown_supplier"
    template = "There is no supplier {supplier}."


class BadSupplier(BadInput):
    code = "purchasing.bad_supplier"
    template = "The supplier {supplier!r} cannot be saved: {reason}."


class BadOffer(BadInput):
    code = "purchasing.bad_offer"
    template = "The offer of {sku} by {supplier} cannot be saved: {reason}."


class UnknownPurchaseOrder(NotFound):
    code = "purchasing.unknown_order"
    template = "There is no purchase order {number}."


class PurchaseOrderClosed(Conflict):
    code = "purchasing.order_closed"
    template = "Purchase order {number} is {state}: nothing more can be {action}."


class UnknownOrderLine(BadInput):
    code = "purchasing.unknown_line"
    template = "{sku} is not on purchase order {number}; its lines are: {skus}."


class BadCount(BadInput):
    code = "purchasing.bad_count"
    template = "{units} units of {sku} cannot be received: {reason}."


class NothingReceived(BadInput):
    code = "purchasing.nothing_received"
    template = "A receipt for {number} must count at least one unit."


class ReceiptKeyReused(Conflict):
    """A receipt key names one delivery for ever."""

    code = "purchasing.receipt_key_reused"
    template = "The receipt key {key} was used before for another delivery ({number})."


class SupplierChanged(Conflict):
    code = "purchasing.supplier_changed"
    template = "The terms of {supplier} were changed by somebody else meanwhile. This page shows them as they are now."


class UnknownOffer(NotFound):
    code = "purchasing.unknown_offer"
    template = "There is no offer {offer_id} of this supplier."


class OfferChanged(Conflict):
    code = "purchasing.offer_changed"
    template = "The offer of {sku} was changed by somebody else meanwhile. This page shows it as it is now."


class PlaceAwaitsGoods(Conflict):
    code = "purchasing.place_awaits_goods"
    template = "Purchase orders are still to come to {place}: {count}. Receive or cancel them first, then close it."


class BadAnswer(BadInput):
    code = "purchasing.bad_answer"
    template = "The answer to {sku} of {number} cannot be recorded: {reason}."


class AnswerNotOurs(BadInput):
    """An 855 that is readable and does not fit the order that it names."""

    code = "purchasing.answer_not_ours"
    template = "The 855 cannot be taken for {number}: {reason} ({text})."


class AnswerKeyReused(Conflict):
    """A key names one answer for ever."""

    code = "purchasing.answer_key_reused"
    template = "The key {key} was used before for another answer to {number}."


class BadCharge(BadInput):
    code = "purchasing.bad_charge"
    template = "The cost cannot be added to {number}: {reason}."


class WeightsMissing(BadInput):
    code = "purchasing.weights_missing"
    template = (
        "The cost of {number} cannot be spread by weight: the weight is not known of {skus}. "
        "Spread it by value or units."
    )


class UnknownCharge(NotFound):
    code = "purchasing.unknown_charge"
    template = "There is no cost {charge_id} on {number}, or it was withdrawn."


class BadRate(BadInput):
    code = "purchasing.bad_rate"
    template = "The rate of {currency} of {date} cannot be saved: {reason}."


class RateMissing(BadInput):
    """An amount in a currency whose worth nobody has said; never taken as 1."""

    code = "purchasing.rate_missing"
    template = "No exchange rate of {currency} is known on {date}. Enter one under Setup, Exchange rates."


class BadDocuments(BadInput):
    code = "purchasing.bad_documents"
    template = "The documents of {supplier} cannot be saved: {reason}."


class ExchangeNotSetUp(BadInput):
    code = "purchasing.exchange_not_set_up"
    template = "X12 is not set up for {supplier}: enter both interchange ids under Setup, Suppliers."


class NothingToClaim(NotFound):
    code = "purchasing.nothing_to_claim"
    template = "Nothing is open to claim from {supplier}."


class UnknownDiscrepancy(NotFound):
    code = "purchasing.unknown_discrepancy"
    template = "There is no open discrepancy {discrepancy_id}."


class UnknownClaim(NotFound):
    code = "purchasing.unknown_claim"
    template = "There is no claim {number}."


class NothingLeftToCancel(Conflict):
    code = "purchasing.nothing_left_to_cancel"
    template = "Nothing of {sku} is still to come of {number}."


class OwnOrder(Conflict):
    """Above the limit two people decide: who asked cannot be the second one."""

    code = "purchasing.own_order"
    template = "Purchase order {number} waits for somebody else: who asked for it cannot agree to it as well."


class OrderNotWaiting(Conflict):
    code = "purchasing.order_not_waiting"
    template = "Purchase order {number} does not wait for a second person any more: it is {state}."


class BadBuyingPolicy(BadInput):
    code = "purchasing.bad_policy"
    template = "The rules of buying cannot be saved: {reason}."


class BuyingPolicyChanged(Conflict):
    code = "purchasing.policy_changed"
    template = "The rules of buying were changed by somebody else meanwhile. This page shows them as they are now."


class UnknownTransfer(NotFound):
    code = "purchasing.unknown_transfer"
    template = "There is no transfer {transfer_id}."


class TransferDecided(Conflict):
    """Somebody, or a later plan, decided first."""

    code = "purchasing.transfer_decided"
    template = "This transfer of {sku} was decided meanwhile. The page shows it as it is now."


class TransferShort(Conflict):
    """Goods left the source since the plan was made."""

    code = "purchasing.transfer_short"
    template = "{place} has no longer {units} free units of {sku} to give: {free_units} are left. Nothing was sent."


class BadLane(BadInput):
    code = "purchasing.bad_lane"
    template = "This way between places cannot be kept: {reason}."
