"""Answers to the conditions that only the books know, for a whole lot by a few statements."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Sequence

from reorder.domain.marketing.journeys.walking import Walk
from reorder.domain.marketing.segment_matching import list_matching
from reorder.domain.marketing.segments import list_segment_codes_of
from reorder.domain.orders.bought_since import SinceWhen, list_bought_since
from reorder.flows.segmenting.counting import context_of

Answers = dict[tuple[int, str], bool]


def answer_questions(*, walks: Sequence[Walk], moment: dt.datetime) -> Answers:
    """The answer of each walk that stopped at a question, by its place and step."""
    asked: dict[str, list[int]] = defaultdict(list)
    for place, walk in enumerate(walks):
        if walk.question is not None:
            asked[walk.question.options["test"]].append(place)
    answers: Answers = {}
    if asked["segment"]:
        answers |= _of_segments(walks=walks, places=asked["segment"])
    if asked["bought"]:
        answers |= _of_purchases(walks=walks, places=asked["bought"])
    if asked["rule"]:
        answers |= _of_rules(walks=walks, places=asked["rule"], moment=moment)
    return answers


def _of_segments(*, walks: Sequence[Walk], places: Sequence[int]) -> Answers:
    codes = list_segment_codes_of(customer_ids=sorted({walks[place].way.customer_id for place in places}))
    return {
        (place, step.key): step.options["segment"] in codes.get(walks[place].way.customer_id, frozenset())
        for place in places
        if (step := walks[place].question) is not None
    }


def _of_purchases(*, walks: Sequence[Walk], places: Sequence[int]) -> Answers:
    bought = list_bought_since(
        asked=[
            SinceWhen(
                customer_id=walks[place].way.customer_id,
                since=walks[place].way.since,
                goods={*walks[place].way.skus, *walks[place].way.context.get("goods", ())}
                if step.options.get("about", "anything") == "goods"
                else None,
            )
            for place in places
            if (step := walks[place].question) is not None
        ]
    )
    return {
        (place, step.key): number in bought
        for number, place in enumerate(places)
        if (step := walks[place].question) is not None
    }


def _of_rules(*, walks: Sequence[Walk], places: Sequence[int], moment: dt.datetime) -> Answers:
    """One statement for each tree of conditions, however many customers ask it."""
    by_rule: dict[str, list[int]] = defaultdict(list)
    for place in places:
        step = walks[place].question
        if step is not None:
            by_rule[json.dumps(step.options["rules"], sort_keys=True)].append(place)
    answers: Answers = {}
    for text, askers in by_rule.items():
        people = sorted({walks[place].way.customer_id for place in askers})
        matching = list_matching(rules=json.loads(text), context={**context_of(moment=moment), "customer_ids": people})
        for place in askers:
            step = walks[place].question
            if step is not None:
                answers[place, step.key] = walks[place].way.customer_id in matching
    return answers
