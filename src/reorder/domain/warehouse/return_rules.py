"""What a return may be and become: states, rules of acceptance, what becomes of graded goods, and money. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, Literal

RETURN_STATES: Final = (
    "requested",
    "accepted",
    "sent",
    "under_way",
    "received",
    "inspected",
    "closed",
    "declined",
    "cancelled",
    "expired",
)
ENDED: Final = ("closed", "declined", "cancelled", "expired")
# Of these nothing came and nothing will: their units can be asked for again.
GIVEN_UP: Final = ("declined", "cancelled", "expired")
AWAITED: Final = ("accepted", "sent", "under_way")
# Goods may come in all of these; a wish that nobody answered is accepted by taking its goods in.
RECEIVABLE: Final = ("requested", *AWAITED, "received")
RESOLUTIONS: Final = ("refund", "exchange", "credit")
WAYS_BACK: Final = ("own", "label", "store")
GRADES: Final = ("A", "B", "C", "D")
DISPOSITIONS: Final = ("restock", "refurbish", "quarantine", "supplier", "scrap")
# Goods of these stand at the place, and nobody can buy them.
KEPT_APART: Final = ("", "refurbish", "quarantine", "supplier")
REASONS: Final = ("damaged", "wrong goods", "not as described", "not wanted any more", "something else")
# What the shop did wrong: it pays the way back, whatever the rule says.
OUR_FAULT: Final = frozenset({"damaged", "wrong goods", "not as described"})

Grade = Literal["A", "B", "C", "D"]
Disposition = Literal["restock", "refurbish", "quarantine", "supplier", "scrap"]
Obstacle = Literal["not_returnable", "window_over", "reason_not_allowed", "not_delivered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A return rule as it decides; `category_codes` is empty for every category. Minor units of the shop's currency."""

    id: int = 0
    product_id: int | None = None
    category_id: int | None = None
    channel: str = ""
    temperature_class: str = ""
    is_returnable: bool = True
    window_days: int = 14
    reasons: tuple[str, ...] = ()
    payer: str = "customer"
    fee_minor: int = 0
    refunds_shipping: bool = True
    accepts_up_to_minor: int | None = None
    way_back: str = "own"
    never_restocks: bool = False


# What holds where the shop has laid down nothing.
USUAL: Final = Rule(payer="shop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A product as rules look at it; `category_ids` are its category and those above, the nearest first."""

    product_id: int
    name: str
    temperature_class: str
    category_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFault:
    """Why goods of a line are not taken back; `days` is the window of the rule."""

    name: str
    obstacle: Obstacle
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the rules say of a return as a whole."""

    faults: tuple[LineFault, ...] = ()
    accepts_itself: bool = False
    payer: str = "shop"
    fee_minor: int = 0
    refunds_shipping: bool = True
    way_back: str = "own"


def rule_of(*, goods: Goods, channel: str, rules: Sequence[Rule]) -> Rule:
    """The most particular rule for goods: by product, then nearest category, temperature class, channel."""
    best, best_rank = USUAL, (-1, -1, -1)
    for one in rules:
        rank = _rank(rule=one, goods=goods, channel=channel)
        if rank is not None and rank > best_rank:
            best, best_rank = one, rank
    return best


def judge(
    *,
    goods: Sequence[Goods],
    channel: str,
    rules: Sequence[Rule],
    reason: str,
    value_minor: int | None,
    delivered_date: dt.date | None,
    today: dt.date,
) -> Verdict:
    """Whether goods can be taken back and on what terms; of several rules the strictest terms hold.

    `delivered_date` None: not delivered yet. `value_minor` None: nobody knows, so a person decides.
    """
    known = [(one, rule_of(goods=one, channel=channel, rules=rules)) for one in goods]
    faults = [fault for one, rule in known if (fault := _fault(one, rule, reason, delivered_date, today)) is not None]
    limits = [rule.accepts_up_to_minor for _, rule in known]
    is_within = value_minor is not None and all(limit is not None and value_minor <= limit for limit in limits)
    is_ours = reason in OUR_FAULT
    pays = [rule for _, rule in known if rule.payer == "customer"] if not is_ours else []
    ways = {rule.way_back for _, rule in known}
    return Verdict(
        faults=tuple(faults),
        accepts_itself=bool(known) and is_within and not faults,
        payer="customer" if pays else "shop",
        fee_minor=max((rule.fee_minor for rule in pays), default=0),
        refunds_shipping=is_ours or all(rule.refunds_shipping for _, rule in known),
        way_back=ways.pop() if len(ways) == 1 else "own",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposed:
    """What becomes of graded goods by rule, and why."""

    disposition: Disposition
    reason: str


# Reasons of a disposition, as people read them.
DISPOSITION_REASON_TEMPLATES: Final[Mapping[str, str]] = {
    "grade": "by its grade",
    "frozen": "frozen goods that left the cold are not sold again",
    "chilled_opened": "chilled goods that were opened are not sold again",
    "expired": "it is past its expiry date",
    "goes_off_soon": "it goes off too soon to be sold",
    "hygiene": "hygiene goods are not sold again",
}


def dispose(
    *,
    grade: Grade,
    by_grade: Mapping[str, Disposition],
    temperature_class: str,
    never_restocks: bool,
    expires_date: dt.date | None,
    sellable_from: dt.date,
) -> Disposed:
    """What becomes of goods of a grade. Whatever the grade: cold goods, hygiene goods and old goods are not resold.

    `sellable_from`: goods that go off before this day cannot be sold any more.
    """
    wanted: Disposition = by_grade[grade]
    obstacle = restock_obstacle(
        temperature_class=temperature_class,
        never_restocks=never_restocks,
        expires_date=expires_date,
        sellable_from=sellable_from,
    )
    if obstacle and wanted in {"restock", "refurbish"}:
        return Disposed(disposition="scrap", reason=obstacle)
    if temperature_class == "chilled" and grade != "A" and wanted in {"restock", "refurbish"}:
        return Disposed(disposition="scrap", reason="chilled_opened")
    return Disposed(disposition=wanted, reason="grade")


def restock_obstacle(
    *, temperature_class: str, never_restocks: bool, expires_date: dt.date | None, sellable_from: dt.date
) -> str:
    """Why goods can never be sold again, whoever wishes it; empty where they can."""
    if temperature_class == "frozen":
        return "frozen"
    if never_restocks:
        return "hygiene"
    if expires_date is not None and expires_date < sellable_from:
        return "goes_off_soon"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLine:
    """An order line as money comes back for it: units sold, what they came to net, and what earlier returns gave."""

    order_line_id: int
    units: Decimal
    net_minor: int
    returned_before: Decimal = Decimal(0)
    refunded_before_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What a return gives back, in minor units: by order line, for shipping, less the fee for the way back."""

    by_line: Mapping[int, int] = field(default_factory=dict)
    tax_added_minor: int = 0
    shipping_minor: int = 0
    fee_minor: int = 0

    @property
    def total_minor(self) -> int:
        """What goes back; a fee never makes it negative."""
        return max(sum(self.by_line.values()) + self.tax_added_minor + self.shipping_minor - self.fee_minor, 0)


def line_refund(*, line: SoldLine, units: Decimal) -> int:
    """What `units` more of a line give back: the share of all that came back by now, less what was given before.

    Shares are rounded of the sum, so that many small returns of a line give back exactly its net amount, never more.
    """
    if line.units <= 0 or units <= 0:
        return 0
    returned = min(line.returned_before + units, line.units)
    share = (Decimal(line.net_minor) * returned / line.units).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return max(min(int(share), line.net_minor) - line.refunded_before_minor, 0)


def amounts_of(
    *,
    lines: Sequence[tuple[SoldLine, Decimal]],
    order_net_minor: int,
    tax_added_minor: int,
    shipping_minor: int,
    is_all_back: bool,
    refunds_shipping: bool,
    fee_minor: int,
) -> Amounts:
    """What a return gives back for units of lines; shipping only where everything of the order has come back now.

    Tax that was added to prices goes back in proportion to goods, rounded down so that it never exceeds what was paid.
    """
    by_line = {line.order_line_id: line_refund(line=line, units=units) for line, units in lines}
    goods = sum(by_line.values())
    tax = tax_added_minor * goods // order_net_minor if order_net_minor > 0 else 0
    return Amounts(
        by_line=by_line,
        tax_added_minor=tax,
        shipping_minor=shipping_minor if is_all_back and refunds_shipping else 0,
        fee_minor=fee_minor,
    )


def _rank(*, rule: Rule, goods: Goods, channel: str) -> tuple[int, int, int] | None:
    """How particular a rule is for goods; None where it does not hold for them."""
    if rule.product_id is not None and rule.product_id != goods.product_id:
        return None
    if rule.category_id is not None and rule.category_id not in goods.category_ids:
        return None
    if rule.temperature_class and rule.temperature_class != goods.temperature_class:
        return None
    if rule.channel and rule.channel != channel:
        return None
    near = 0
    if rule.product_id is not None:
        near = 1_000
    elif rule.category_id is not None:
        near = 500 - goods.category_ids.index(rule.category_id)
    return near, int(bool(rule.temperature_class)), int(bool(rule.channel))


def _fault(goods: Goods, rule: Rule, reason: str, delivered_date: dt.date | None, today: dt.date) -> LineFault | None:
    # Goods that came broken, or wrong, are taken back whatever the rule says of changed minds.
    if delivered_date is None:
        return LineFault(name=goods.name, obstacle="not_delivered")
    if not rule.is_returnable and reason not in OUR_FAULT:
        return LineFault(name=goods.name, obstacle="not_returnable")
    if (today - delivered_date).days > rule.window_days:
        return LineFault(name=goods.name, obstacle="window_over", days=rule.window_days)
    if rule.reasons and reason not in rule.reasons:
        return LineFault(name=goods.name, obstacle="reason_not_allowed")
    return None
