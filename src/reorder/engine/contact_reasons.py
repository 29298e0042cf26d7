"""Sentences about messages: why they are planned, wait, go another way or not at all, and what became of them."""

# Sorted by code; see reasons.py, which joins all sentences.
CONTACT_TEMPLATES: dict[str, str] = {
    "campaign.audience": "Belongs to the people of the campaign {campaign}.",
    "contact.own_hour": (
        "{contact_date} at {hour}:00, around which this customer usually orders; a parcel takes {delivery_days} days, "
        "and the purchase is {window_percent}% likely until {until_date}."
    ),
    "contact.shop_hour": (
        "{contact_date} at {hour}:00, the shop's hour; a parcel takes {delivery_days} days, and the purchase is "
        "{window_percent}% likely until {until_date}."
    ),
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
}
