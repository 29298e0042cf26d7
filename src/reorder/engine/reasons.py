"""Reasons as code and parameters: the engine writes plain English, and a surface can say the same in another language.

A frame that explains itself carries three columns: `reason` (English sentence), `reason_code` (stable, dotted)
and `reason_parameters` (JSON object). `TEMPLATES` is the only list of sentences; translation catalogues use them as
message ids.
"""

import json
from collections.abc import Callable, Mapping

import polars as pl

# Each engine part adds its sentences here, sorted by code. Placeholders are named and filled with str.format.
TEMPLATES: dict[str, str] = {
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
    "campaign.audience": "Belongs to the people of the campaign {campaign}.",
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
    "contact.own_hour": (
        "{contact_date} at {hour}:00, around which this customer usually orders; a parcel takes {delivery_days} days, "
        "and the purchase is {window_percent}% likely until {until_date}."
    ),
    "contact.shop_hour": (
        "{contact_date} at {hour}:00, the shop's hour; a parcel takes {delivery_days} days, and the purchase is "
        "{window_percent}% likely until {until_date}."
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
    "journey.anniversary": "It is a year, or several, since the first order.",
    "journey.back_in_stock": "{subject} is back in stock, which the customer looked for.",
    "journey.birthday": "It is the customer's birthday.",
    "journey.cart_left": "Something was left in the cart on {date}.",
    "journey.carted": "{subject} was put into the cart on {date}.",
    "journey.checkout_begun": "A checkout was begun on {date}.",
    "journey.churning": "The customer has probably left, as reckoned on {date}.",
    "journey.clicked": "A link of message {subject} was followed on {date}.",
    "journey.consented": "The customer agreed to messages by {subject} on {date}.",
    "journey.delivered": "Parcel {subject} was delivered on {date}.",
    "journey.due": "Goods that the customer buys again and again are due about {date}.",
    "journey.entered_segment": "The customer came into the segment {subject} on {date}.",
    "journey.first_order": "The first order, {subject}, was placed on {date}.",
    "journey.found_nothing": "A search found nothing on {date}.",
    "journey.joined": "The customer joined on {date}.",
    "journey.left_segment": "The customer left the segment {subject} on {date}.",
    "journey.liked": "{subject} was liked on {date}.",
    "journey.new_arrival": "{subject} is new, and of a kind that the customer likes.",
    "journey.order_cancelled": "Order {subject} was cancelled on {date}.",
    "journey.ordered": "Order {subject} was placed on {date}.",
    "journey.parcel_late": "Parcel {subject} was late on {date}.",
    "journey.points_expiring": "Points of the customer are about to expire.",
    "journey.price_dropped": "{subject} costs less since {date}.",
    "journey.return_settled": "Return {subject} was settled on {date}.",
    "journey.searched": "A search was made on {date}.",
    "journey.shipped": "Parcel {subject} left on {date}.",
    "journey.subscription_suited": "{subject} is bought so steadily that a recurring order would suit.",
    "journey.tier_changed": "The customer came into the tier {subject} on {date}.",
    "journey.trial_ending": "The trial of {subject} ends.",
    "journey.trial_started": "A trial of {subject} began on {date}.",
    "journey.viewed": "{subject} was looked at on {date}.",
    "outbox.failed.content": "Its template could not be written out for this person; mend it, then send it again.",
    "outbox.failed.gone": "The browser or app is no longer signed up there; it is not tried again.",
    "message.adults_only": "Goods of {category} are for people of {years} or more, and the age is not known to be so.",
    "message.cap": "{limit} messages in {hours} hours are the most; the next free day is waited for.",
    "message.cap_too_late": "{limit} messages in {hours} hours are the most, and no later day comes in time.",
    "message.complained": "The person reported earlier marketing by {channels} as unwanted.",
    "message.consent_withdrawn": "Consent to marketing by {channels} was withdrawn.",
    "message.erased": "The person's data were erased.",
    "message.held_for_delivery": "{sku} is out of stock; the message waits for the delivery of {expected_date}.",
    "message.held_for_stock": "{sku} is out of stock and no delivery is known; the message waits.",
    "message.held_out.global": "Kept back with those who get no marketing at all, to measure what marketing earns.",
    "message.held_out.source": "Kept back to measure what these messages earn.",
    "message.no_address": "No address is known for {channels}.",
    "message.no_consent": "The person never agreed to marketing by {channels}.",
    "message.no_stock": "{sku} is out of stock, and the message would say nothing without it.",
    "message.no_words": "The template says nothing that could go by {channels}.",
    "message.paused.complaint": "A complaint is open: marketing waits.",
    "message.paused.order": "We gave up an order of this person: marketing waits.",
    "message.paused.parcel": "A parcel is late or was not delivered: marketing waits.",
    "message.paused.person": "Staff paused marketing to this person.",
    "message.paused.return": "A return is open: marketing waits.",
    "message.sensitive": "{category} is sensitive, and the person did not ask to hear of it.",
    "message.stock_too_late": "{sku} comes on {expected_date}: later than the message is worth anything.",
    "message.too_dear": "It would cost more than it is expected to win.",
    "message.too_late": "It would come later than it is worth anything.",
    "message.too_young": "Marketing goes to people of {years} or more only.",
    "message.topic_refused": "The person does not want to hear about {topic}.",
    "message.unreachable": "Nothing that is sent by {channels} arrives.",
    "outbox.failed.refused": "It was refused for good.",
    "outbox.failed.too_often": "Every attempt failed, the last one too; nothing was delivered.",
    "outbox.failed.unwritable": "The address, or something that the message says, cannot be written.",
    "outbox.retry.account": "The account's keys are not taken; nothing was delivered. Look at Setup, Channels.",
    "outbox.retry.by_person": "Sent again because a person asked for it.",
    "outbox.retry.limited": "The other side asked for patience; nothing was delivered. It is tried again.",
    "outbox.retry.no_contact": "The other side could not be reached; nothing was delivered. It is tried again.",
    "outbox.retry.put_off": "The other side put it off; nothing was delivered. It is tried again.",
    "outbox.retry.quota": "The month's messages of the account are used up; nothing was delivered.",
    "outbox.sent": "It was accepted.",
    "outbox.sent.by_person": "A person found that it had been delivered.",
    "outbox.sent.reply": "It was given as an answer, which costs nothing.",
    "outbox.sent.told": "Its provider told later that it had been taken.",
    "outbox.stopped.erased": "The person was erased.",
    "outbox.stopped.topic": "The person wants to hear nothing of this topic.",
    "outbox.stopped.bought_since": "The customer bought it in the meantime.",
    "outbox.stopped.by_person": "A person stopped it.",
    "outbox.stopped.campaign": "The campaign was cancelled.",
    "outbox.stopped.cap": "Too many other messages went to this person, and no later day comes in time.",
    "outbox.stopped.displaced": "A message that is worth more took its place, and no later day comes in time.",
    "outbox.stopped.expired": "Its days passed before it could be sent.",
    "outbox.stopped.journey_left": "The customer left the journey before it was sent.",
    "outbox.stopped.merged": "The customer's record was merged into another one; the next night plans for that one.",
    "outbox.stopped.no_consent": "The customer no longer allows marketing mail.",
    "outbox.stopped.no_longer_due": "The product is no longer expected to be bought.",
    "outbox.stopped.order": "An order of this customer was given up: marketing waits.",
    "outbox.stopped.parcel": "A parcel of this customer is late or was not delivered: marketing waits.",
    "outbox.stopped.paused": "Staff paused marketing to this customer.",
    "outbox.stopped.quiet_hours": "It could only have gone at night.",
    "outbox.stopped.return": "A return of this customer is open: marketing waits.",
    "outbox.stopped.stock": "Its goods are gone, and none come in time.",
    "outbox.stopped.suppressed": "This address is written to no more.",
    "outbox.stopped.unreachable": "This address no longer takes messages.",
    "outbox.unknown.no_answer": (
        "It was handed over, but the answer was lost. Find out whether it arrived; it is not sent again by itself."
    ),
    "outbox.unknown.restored": (
        "Its moment came after the backup was made from which the shop was restored. Find out whether it went out; it "
        "is not sent by itself."
    ),
    "outbox.unknown.sender_died": (
        "The sending process died while handing it over. Find out whether it arrived; it is not sent again by itself."
    ),
    "outbox.waits.cap": "Another message went to this person lately: it waits for a later day.",
    "outbox.waits.displaced": "A message that is worth more took its place: it goes on a later day.",
    "outbox.waits.quiet_hours": "It is night where this person lives: it waits for the morning.",
    "outbox.waits.stock": "Its goods are gone: it waits a day.",
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
    "reminder.already_reminded": "Reminded since the last purchase on {last_bought_date}; once is enough.",
    "reminder.better_day": "{product} waits: on {contact_date} a reminder wins more than today.",
    "reminder.beyond_budget": (
        "{product}: {hit_percent}% likely within 3 days of {remind_date}; only the best {budget_percent}% of all pairs "
        "are wanted, and those reach {least_percent}%."
    ),
    "reminder.bought_since": "Bought again on {bought_date}.",
    "reminder.consent_withdrawn": "The customer has withdrawn consent to marketing mail.",
    "reminder.held_for_delivery": (
        "{product} is out of stock; {incoming_units} units are on order, expected on {expected_date}. The "
        "reminder waits for them."
    ),
    "reminder.held_for_stock": "{product} is out of stock and none is on order. The reminder waits.",
    "reminder.held_out": (
        "{product}: usually bought every {gap_days} days, last on {last_bought_date}; {hit_percent}% likely "
        "within 3 days of {remind_date}. Kept back to measure what reminders earn."
    ),
    "reminder.message_full": "{product} waits: the message already names {limit} products that matter more.",
    "reminder.no_address": "No e-mail address is known that can be reached.",
    "reminder.no_consent": "The customer never agreed to marketing mail.",
    "reminder.no_product": "No active product answers to {subject}.",
    "reminder.not_worth_its_cost": (
        "{product}: a reminder is expected to win {extra_margin} of margin and costs {cost}; not worth it."
    ),
    "reminder.paused": "Staff paused marketing to this customer until somebody resumes it.",
    "reminder.paused_until": "Staff paused marketing to this customer until {resumes_date}.",
    "reminder.planned": (
        "{product}: usually bought every {gap_days} days, last on {last_bought_date}; {hit_percent}% likely "
        "within 3 days of {remind_date}."
    ),
    "reminder.too_soon": (
        "Bought {elapsed_days} days ago, usually every {gap_days} days; a reminder would come too soon."
    ),
    "reminder.weekly_cap": (
        "{messages_count} messages in seven days reach the limit of {limit}; looked at again from {again_date}."
    ),
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
