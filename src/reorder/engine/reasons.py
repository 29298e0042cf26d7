"""Reasons as code and parameters: the engine writes plain English, and a surface can say the same in another language.

A frame that explains itself carries three columns: `reason` (English sentence), `reason_code` (stable, dotted)
and `reason_parameters` (JSON object). `TEMPLATES` is the only list of sentences; translation catalogues use them as
message ids.
"""

import json
from collections.abc import Callable, Mapping

import polars as pl

from reorder.engine.contact_reasons import CONTACT_TEMPLATES

# Each engine part adds its sentences here, sorted by code; those about messages stand in contact_reasons.py.
# Placeholders are named and filled with str.format.
TEMPLATES: dict[str, str] = {
    **CONTACT_TEMPLATES,
    "automatic.above_limit": "All that is proposed comes to {total}, above the limit of {limit}.",
    "automatic.alert_bad_data": "An open alert says that its data are wrong.",
    "automatic.alert_forecast_drift": "An open alert says that its forecast drifts.",
    "automatic.below_minimum": "What is left comes to {total}, below the supplier's minimum of {minimum}.",
    "automatic.later": "It is to be ordered on {date}.",
    "automatic.never_ordered": "It was never ordered before: a person orders it the first time.",
    "automatic.no_order_day": "The supplier takes no orders today; the next day is {date}.",
    "automatic.nothing": "None of {left} lines was ordered.",
    "automatic.ordered": "Everything was ordered: {ordered} lines.",
    "automatic.ordered_part": "{ordered} lines were ordered, {left} are left to a person.",
    "automatic.past_cut_off": "The supplier takes orders until {time}, and the night was done later.",
    "automatic.second_person": "The order comes to {total}: above the shop's limit two people decide.",
    "automatic.unusual": "{units} units are more than {ratio} times what is usually ordered ({usual}).",
    "check.address_bad_postcode": "The postcode is not one of its country.",
    "check.address_box": "Couriers do not deliver to a post office box.",
    "check.address_no_city": "The city is missing.",
    "check.address_no_country": "The country is missing.",
    "check.address_no_name": "Nobody is named who receives the parcel.",
    "check.address_no_phone": "The phone number is missing, which carriers in Taiwan ask for.",
    "check.address_no_street": "The street is missing.",
    "check.address_not_shipped_to": "The shop does not ship to this country.",
    "check.duplicate": "The same customer ordered the same within {hours} hours: {orders}.",
    "check.many_for_phone": "It is order number {count} within an hour for the same phone number.",
    "check.many_orders": "It is the customer's order number {count} within an hour.",
    "check.other_country": "It goes to {country}, while the customer lives in {usual}.",
    "check.value_far_above": "It is the customer's first order and comes to {total}; orders usually come to {usual}.",
    "alert.privacy.overdue": "{count} requests about personal data are overdue, the first of them since {first}.",
    "alert.privacy.soon": "{count} requests about personal data must be answered soon, the first of them by {first}.",
    "alert.unwelcome.complaints": (
        "Of the people whom {name} was meant for, {share} reported it as spam. Above {limit} mailboxes begin to turn "
        "all mail of the shop away."
    ),
    "alert.unwelcome.unsubscribes": (
        "Of the people whom {name} was meant for, {share} wanted no more marketing afterwards; the limit is {limit}."
    ),
    "alert.late_parcels": "{count} parcels should have left by now; the first of them is of order {first}.",
    "alert.late_under_way": "{count} parcels are late on their way; the one late the longest is of order {first}.",
    "alert.bad_data.ledger": "{count} stock levels differ from the ledger, the first one: {first}.",
    "alert.bad_data.promises": "{count} promises of stock are not as their orders say, the first one: {first}.",
    "alert.bad_data.rates": "Suppliers who sell in {currency}: {count}, but no exchange rate of it is known.",
    "alert.bad_data.rows": "{count} rows of imported files were refused: {files}.",
    "alert.bad_data.webhook_failing": "The webhook endpoint at {host} has failed for days and was disabled.",
    "alert.bad_data.webhook_gone": "The webhook endpoint at {host} said that it is gone (410) and was disabled.",
    "alert.bad_data.webhook_unreadable": "The secret of the webhook endpoint at {host} cannot be read: make a new one.",
    "alert.bad_data.series": "The chosen methods failed for {count} series, which fell back; the first one: {first}.",
    "alert.below_safety_stock.coming": (
        "{free} units are free, below the safety stock of {safety}; {receipt_units} more are expected on "
        "{receipt_date} (order {order})."
    ),
    "alert.below_safety_stock.none": (
        "{free} units are free, below the safety stock of {safety}; none is on order, and {daily} are wanted a day."
    ),
    "alert.dead_stock": "{units} units in stock, and none was sold since {last_sold_date}.",
    "alert.dead_stock.never": "{units} units in stock since {first_stock_date}, and none was ever sold.",
    "alert.digest.daily": "Daily digest of alerts for {name}; alerts: {count}.",
    "alert.digest.urgent": "Urgent alerts for {name}; alerts: {count}.",
    "alert.excess": (
        "{excess} of {units} units are more than the order-up-to level and {days} days of demand; at {daily} a day "
        "the stock lasts {cover_days} days."
    ),
    "alert.expired": "Lot {lot}: {units} units have expired on {expires_date}.",
    "alert.expiring": (
        "Lot {lot}: {wasted} of {units} units will not be sold before they expire on {expires_date}, at {daily} a day."
    ),
    "alert.forecast_drift.over": (
        "In {weeks} weeks {sold} units were sold where {planned} were planned: {percent}% less than planned, more "
        "than chance explains."
    ),
    "alert.forecast_drift.under": (
        "In {weeks} weeks {sold} units were sold where {planned} were planned: {percent}% more than planned, more "
        "than chance explains."
    ),
    "alert.late_order": (
        "Expected from {supplier} on {expected_date}, {days} days ago; {units} units have not come yet."
    ),
    "alert.runs_out.coming": (
        "{percent}% likely to run out before {receipt_date}, when {receipt_units} units should come (order {order}): "
        "{free} are free, {expected} are expected to be wanted until then."
    ),
    "alert.runs_out.none": (
        "{percent}% likely to run out before {until_date}, when goods ordered next would come: {free} units are free, "
        "{expected} are expected to be wanted until then, none is on order."
    ),
    "alert.unconfirmed_order": (
        "Placed with {supplier} on {placed_date}, and not confirmed for {days} days; {units} units are expected on "
        "{expected_date}."
    ),
    "demand.best_by_backtest": (
        "{demand_class} demand: average of {methods}, the best of {pool} methods compared at {windows} earlier dates."
    ),
    "demand.class_default": "{demand_class} demand, too little history to compare methods: the mean of {methods}.",
    "demand.discontinued": "Discontinued: expected demand fades to none within {days} days.",
    "demand.fallback": "{demand_class} demand: {failed} gave no usable forecast; the mean of {methods} instead.",
    "demand.kept": (
        "{demand_class} demand: average of {methods} as before; no other of {pool} methods is {gain_percent}% better "
        "at {windows} earlier dates."
    ),
    "demand.giant": (
        "{demand_class} demand: average of {methods}. Days of giant sales: {days}; the largest, {units} units on "
        "{date}, counts as {counted}."
    ),
    "demand.newcomer": "No history yet: what {peers} similar products of the same price band sell.",
    "demand.newcomer_like": "No history yet: what {like_sku} is expected to sell.",
    "demand.no_method": "{demand_class} demand: {failed} gave no usable forecast, so none is expected.",
    "demand.override": "{demand_class} demand: {methods}, because a person chose so.",
    "demand.short_like": (
        "{days} days of history so far: the mean of {methods}, and for {percent}% what {like_sku} is expected to sell."
    ),
    "demand.short_similar": (
        "{days} days of history so far: the mean of {methods}, and for {percent}% what {peers} similar products sell."
    ),
    "demand.unknown": "{demand_class}: no similar product to learn from either, so no demand is expected.",
    "price.amount": "{name}: {amount} off.",
    "price.buy_x_get_y": "{name}: {get} more at {percent}% off for {buy} bought; units at that price: {count}.",
    "price.free_from": "Goods of {amount} or more ship free.",
    "price.free_shipping": "{name}: free shipping.",
    "price.gift": "A gift: {name}.",
    "price.percent": "{name}: {percent}% off.",
    "price.percent_at_most": "{name}: {percent}% off, at most {maximum}.",
    "price.points": "{points} points used, worth {amount}.",
    "price.refused.alone": "{name} cannot be combined with the other coupons, which take more off.",
    "price.refused.customer_used_up": "{name} was used by this customer as often as is allowed.",
    "price.refused.free_already": "{name} is not needed: shipping costs nothing anyway.",
    "price.refused.gift_gone": "The gift of {name} is out of stock.",
    "price.refused.minimum": "{name} begins at goods of {minimum}; here they come to {value}.",
    "price.refused.no_goods": "{name} holds for none of these goods.",
    "price.refused.not_yet": "{name} has not begun yet.",
    "price.refused.nothing": "{name} would take nothing off.",
    "price.refused.no_cost": "{name} must leave a margin, and what {skus} cost is not known.",
    "price.refused.over": "{name} is over.",
    "price.refused.units": "{name} needs {count} units of its goods or more.",
    "price.refused.unknown": "There is no coupon {coupon}.",
    "price.refused.used_up": "{name} has been used as often as is allowed.",
    "price.tier_price": "Price for members of {tier}.",
    "price.tier_share": "Members of {tier}: {percent}% off.",
    "recommend.category": "Popular in {category}, from which this customer bought; times so far: {category_count}.",
    "recommend.own": "Bought in {baskets_count} of {visits_count} baskets, last on {last_bought}.",
    "recommend.popular": "Popular in this shop; number of customers who buy it: {customers_count}.",
    "recommend.rhythm": "Bought {baskets_count} times, usually every {gap_days} days, last on {last_bought}.",
    "recommend.together": "Both were in {orders_together} orders, {lift} times as often as by chance.",
    "recommend.with": "Often bought together with {with_sku}, which this customer buys.",
    "repurchase.category": (
        "Bought once, on {last_bought}; judged by how customers buy from {category} again; "
        "expected gap in days: {gap_days}."
    ),
    "repurchase.customer": (
        "Bought once, on {last_bought}; judged by what this customer buys again; expected gap in days: {gap_days}."
    ),
    "repurchase.pair": "Bought {orders_count} times, last on {last_bought}; usual gap in days: {gap_days}.",
    "repurchase.pair_overdue": (
        "Bought {orders_count} times, but not for {elapsed_days} days, since {last_bought}; "
        "usual gap in days: {gap_days}."
    ),
    "repurchase.product": (
        "Bought once, on {last_bought}; judged by how customers buy this product again; "
        "expected gap in days: {gap_days}."
    ),
    "repurchase.store": (
        "Bought once, on {last_bought}; little is known yet, so the whole shop is the guide; "
        "expected gap in days: {gap_days}."
    ),
    "restock.letter.cancelled": "What is still open of purchase order {number} to {supplier} was cancelled.",
    "restock.letter.claim": "Claim {number} to {supplier} was made.",
    "restock.letter.lines_cancelled": "Lines of purchase order {number} to {supplier} were cancelled.",
    "restock.letter.order": "Purchase order {number} to {supplier} was approved.",
    "routing.best_known": "{place} sends everything for {cost}; no rate is known for another way.",
    "routing.cheapest": "{place} sends everything for {cost}; the next best, {other}, would cost {other_cost}.",
    "routing.even": "{place} sends everything for {cost}; {other} would cost the same.",
    "routing.for_others": (
        "{place} sends it for {cost}. {other} would cost {more} less, but other orders need its stock or its time more."
    ),
    "routing.no_rate": "{place} can send everything, but no rate is known for that way to this address.",
    "routing.none": "No place can send anything of it now.",
    "routing.only_place": "{place} is the only place that can send any of it, for {cost}.",
    "routing.only_split": "{place} together send it for {cost}; no place could send any of it alone.",
    "routing.plain.first": "{place} is the first place for this address, and has everything.",
    "routing.plain.later": "{place} has everything too, but comes later for this address.",
    "routing.plain.part": "{place} has {served} of {lines} lines.",
    "routing.plain.split": "No place has everything: {parcels} parcels, from {place}.",
    "routing.plain.whole": "{place} has everything; {first}, which comes first for this address, does not.",
    "routing.refused.by_rule": "A rule keeps {place} from sending to this address.",
    "routing.refused.goods": "{place} may send none of these goods: no service or no room of that temperature.",
    "routing.refused.no_day": "{place} has no day left on which it can send a parcel.",
    "routing.refused.no_terms": "{place} is a supplier without terms of its own: it sends nothing for us yet.",
    "routing.rejected.dearer": "{place} would send everything for {cost}, {more} more.",
    "routing.rejected.even": "{place} would send everything for the same {cost}.",
    "routing.rejected.for_others": (
        "{place} would send everything for {cost}, {more} less, but other orders need it more."
    ),
    "routing.rejected.short": (
        "{place} alone would leave {waits} of {lines} lines waiting; with that it would come to {cost}."
    ),
    "routing.shared_line": "No place has {units} units; they are shared, so far by {places} places.",
    "routing.split": (
        "{parcels} parcels, from {place}, cost {cost}; the best single place, {other}, would come to {other_cost}."
    ),
    "routing.waits.dearer": (
        "It waits: sending {units} units now would cost more than waiting ({cost}), break a rule, or take stock that "
        "other orders need more."
    ),
    "routing.waits.no_place": "It waits: no place may send it.",
    "routing.waits.no_stock": (
        "It waits: {units} units are wanted, and no place that may send it has more than {most} free."
    ),
    "shop.order_confirmed": "Confirms order {number}.",
    "shop.order_late": "Tells that goods of order {number} leave later than was said.",
    "shop.parcel_delivery_delayed": "Tells that a parcel of order {number} comes later than was said.",
    "shop.parcel_delivery_failed": "Tells that a parcel of order {number} could not be delivered.",
    "shop.parcel_out_for_delivery": "Tells that a parcel of order {number} is out for delivery.",
    "shop.parcel_ready_for_pickup": "Tells that a parcel of order {number} is there to be collected.",
    "shop.order_shipped": "Tells that goods of order {number} are on their way.",
    "shop.return_accepted": "Says that goods of order {number} may be sent back.",
    "shop.return_credited": "Says what store credit a customer gets for goods of order {number} that came back.",
    "shop.return_declined": "Says that goods of order {number} are not taken back.",
    "shop.return_ended": "Says that a return of goods of order {number} is closed.",
    "shop.return_exchanged": "Says that other goods are sent for those of order {number} that came back.",
    "shop.return_received": "Says that goods of order {number} have come back.",
    "shop.return_refunded": "Says what goes back for goods of order {number} that were returned.",
    "shop.sign_in": "A link to sign in, asked for with this address.",
    "shop.sign_up": "A link to confirm that its reader wants news, asked for with this address.",
    "stocking.excess.no_demand": (
        "Nothing is expected to be sold here, and {position} units are there or coming: {excess} of them are excess."
    ),
    "stocking.excess.slow": (
        "{position} units are there or coming, {weeks} weeks of demand; orders go up to {order_up_to}, and {days} days "
        "more would sell before long: {excess} units are excess."
    ),
    "stocking.order.capped": (
        "Stock position {position} is at or below the reorder point {reorder_point}; {units} units is the most "
        "that sells within {days} days."
    ),
    "stocking.order.joined": (
        "Stock position {position} is at or below the reorder point {reorder_point}. Alone, {usual_units} units from "
        "{usual_supplier} would do; {units} units from {supplier} cost less with the minimum values of all orders."
    ),
    "stocking.order.rounded_up": (
        "Stock position {position} is at or below the reorder point {reorder_point}; {wanted} units are missing to "
        "{order_up_to}, rounded up to {units} by packs of {pack} and a minimum of {minimum}."
    ),
    "stocking.order.up_to_level": (
        "Stock position {position} is at or below the reorder point {reorder_point}; {units} units lift it to "
        "{reached}."
    ),
    "stocking.shortfall.cap_below_minimum": (
        "Nothing can be ordered: the least order is {least} units, but only {cap} more sell within {days} days; "
        "{missing} units are missing."
    ),
    "stocking.shortfall.capped": (
        "The order stops at {units} units because only {cap} more sell within {days} days; {missing} units are missing."
    ),
    "stocking.shortfall.no_supplier": "No supplier offers this product at this place; {missing} units are missing.",
    "stocking.shortfall.no_target": "{missing} units are owed, but no target says how much to keep.",
    "stocking.transfer.to_short_place": (
        "{destination} stands at {position}, at or below its reorder point {reorder_point}; {source} keeps {left} "
        "units after giving {units}, and needs {level}."
    ),
    "stocking.target.at_least": (
        "Demand asks for a reorder point of {asked}; a person laid down at least {minimum}, so it is {reorder_point}. "
        "An order lifts stock to {order_up_to}."
    ),
    "stocking.target.at_most": (
        "Demand asks for orders up to {asked} units; a person laid down at most {maximum}, so they stop at "
        "{order_up_to}, with a reorder point of {reorder_point}."
    ),
    "stocking.target.expiry": (
        "Orders stop at {order_up_to} units, which sell within the shelf life of {days} days with {percent}% "
        "certainty; demand alone asks for {asked}. Reorder point {reorder_point}."
    ),
    "stocking.target.fill_rate": (
        "About {expected} units are sold over {span_days} days (lead time from {receipts} receipts + review); with "
        "{reorder_point} units {fill_percent}% of all units asked for are served at once. An order lifts stock to "
        "{order_up_to}."
    ),
    "stocking.target.forecast": (
        "The forecast expects {expected} units over {span_days} days (lead time from {receipts} receipts + "
        "review); {reorder_point} units cover {service_percent}% of such spans. An order lifts stock to "
        "{order_up_to}."
    ),
    "stocking.target.gamma": (
        "{observed_days} days of history are few: about {expected} units over {span_days} days (lead time from "
        "{receipts} receipts + review), and {reorder_point} to be {service_percent}% safe. An order lifts stock "
        "to {order_up_to}."
    ),
    "stocking.target.no_demand": "No demand was seen in {observed_days} days of history, so nothing is kept.",
    "stocking.target.quantile": (
        "In {service_percent}% of all spans of {span_days} days (lead time from {receipts} receipts + review) no "
        "more than {reorder_point} units were sold; {expected} on average. An order lifts stock to {order_up_to}."
    ),
    "stocking.target.textbook": (
        "Expected demand of {expected} units over {span_days} days (lead time from {receipts} receipts + review) "
        "plus {safety_stock} units safety stock for {service_percent}%, by the textbook rule. An order lifts "
        "stock to {order_up_to}."
    ),
    "stocking.target.textbook_lead_time_variance": (
        "Expected demand of {expected} units over {span_days} days (lead time from {receipts} receipts + review) "
        "plus {safety_stock} units safety stock for {service_percent}%, by the textbook rule with lead-time "
        "variance. An order lifts stock to {order_up_to}."
    ),
}

# Words that parameters hold, alone or in a list; they are translated as sentences are.
WORD_TEMPLATES = (
    "adida",
    "arima",
    "auto_ets",
    "auto_theta",
    "croston",
    "erratic",
    "exponential_smoothing",
    "gradient_boosting",
    "holt_winters",
    "imapa",
    "intermittent",
    "lumpy",
    "moving_average",
    "neural_network",
    "no history",
    "prophet",
    "regression",
    "seasonal_naive",
    "short",
    "smooth",
    "theta",
    "tsb",
)


def render(
    *,
    code: str,
    parameters: Mapping[str, object],
    translate: Callable[[str], str] = lambda sentence: sentence,
    separator: str = ", ",
) -> str:
    """The sentence for a code with its parameters put in, in the language that `translate` gives."""
    said = {
        name: translate_words(text=value, translate=translate, separator=separator)
        for name, value in parameters.items()
    }
    return translate(TEMPLATES[code]).format(**said)


def translate_words(*, text: object, translate: Callable[[str], str], separator: str = ", ") -> object:
    """`text` with those of its comma-separated parts translated that are words of ours; anything else as it is."""
    parts = text.split(", ") if isinstance(text, str) else []
    if not any(part in WORD_TEMPLATES for part in parts):
        return text
    return separator.join(translate(part) if part in WORD_TEMPLATES else part for part in parts)


def reason_columns(*, code: str, parameters: Mapping[str, pl.Expr]) -> list[pl.Expr]:
    """Expressions for `reason`, `reason_code` and `reason_parameters` from one expression a placeholder.

    Every parameter must be non-null and already rounded to what a person should read; dates as ISO strings.
    """
    parts: list[pl.Expr] = []
    rest = TEMPLATES[code]
    while "{" in rest:
        text, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        parts += [pl.lit(text), parameters[name].cast(pl.String)]
    parts.append(pl.lit(rest))
    return [
        pl.concat_str(parts).alias("reason"),
        pl.lit(code).alias("reason_code"),
        pl.struct([value.alias(name) for name, value in parameters.items()])
        .struct.json_encode()
        .alias("reason_parameters"),
    ]


def parameters_of(*, encoded: str) -> dict[str, object]:
    """Read back what `reason_columns` wrote in `reason_parameters`."""
    value = json.loads(encoded)
    if not isinstance(value, dict):
        raise TypeError(f"reason parameters must be a JSON object, got {encoded!r}")
    return value
