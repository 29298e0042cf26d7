"""What a journey may say, how it is changed step by step, and what happens to Mei in one; without a database."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reorder.domain.marketing.journeys import shaping
from reorder.domain.marketing.journeys.checking import check_definition
from reorder.domain.marketing.journeys.definition import read_definition
from reorder.domain.marketing.journeys.errors import BadDefinition, TooManyJourneySteps, UnknownStep
from reorder.domain.marketing.journeys.faults import FAULTS, Known
from reorder.domain.marketing.journeys.keepable import refuse_unkeepable
from reorder.domain.marketing.journeys.sorting import Around, begin_way, sort_facts
from reorder.domain.marketing.journeys.timing import next_hour
from reorder.domain.marketing.journeys.walking import Walk, draw_branch, go_on
from reorder.domain.marketing.journeys.ways import Running, SeenFact, Way

TAIPEI = ZoneInfo("Asia/Taipei")
NOW = dt.datetime(2026, 11, 22, 2, tzinfo=dt.UTC)
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
KNOWN = Known(templates={"cart": {"email"}, "line-only": {"line"}}, segments={"vip"}, offers={"TEN"})


def written(steps: dict[str, Any], *, start: str | None = "", **parts: Any) -> dict[str, Any]:
    return {
        "trigger": {"facts": ["cart_left"]},
        "start": next(iter(steps), None) if start == "" else start,
        "steps": steps,
        **parts,
    }


def message(template: str = "cart", **options: Any) -> dict[str, Any]:
    return {"kind": "message", "template": template, "next": None, **options}


def faults(document: object) -> list[tuple[str, str]]:
    return [(one.step, one.code) for one in check_definition(document=document, known=KNOWN)]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (written({"ask": message()}), []),
        ([], [("trigger", "not_readable")]),
        (written({}), [("trigger", "no_steps")]),
        (written({"ask": message()}, start="other"), [("trigger", "no_start")]),
        (written({"ask": message()}, colour="red"), [("trigger", "unknown_key")]),
        (written({"ask": message(colour="red")}), [("ask", "unknown_key")]),
        (written({"ask": {"kind": "dance"}}), [("ask", "unknown_kind")]),
        (written({"ask": "mail"}), [("ask", "missing")]),
        (written({"ask": message(template="")}), [("ask", "no_template")]),
        (written({"ask": message(template="gone")}), [("ask", "unknown_template")]),
        (written({"ask": message(template="line-only")}), [("ask", "no_form")]),
        (written({"ask": message(template="line-only", channels=["line"])}), []),
        (written({"ask": message(channels=["pigeon"])}), [("ask", "unknown_channel"), ("ask", "no_form")]),
        (written({"ask": message(offers=["GONE"])}), [("ask", "unknown_offer")]),
        (written({"ask": message(next="gone")}), [("ask", "no_such_step")]),
        (written({"ask": message(), "lost": message()}), [("lost", "unreachable")]),
        (written({"ask": message(next="ask")}), [("ask", "loop")]),
        (
            written({"a": message(next="b"), "b": {"kind": "tag", "add": ["x"], "next": "a"}}),
            [("a", "loop")],
        ),
        (written({"ask": message(next="day"), "day": {"kind": "wait", "days": 1, "next": "ask"}}), []),
        (written({"day": {"kind": "wait", "next": None}}), [("day", "no_wait")]),
        (written({"day": {"kind": "wait", "days": -1, "next": None}}), [("day", "not_between")]),
        (written({"day": {"kind": "wait", "days": True, "next": None}}), [("day", "not_between")]),
        (written({"at": {"kind": "until", "hour": 24, "weekdays": [8], "next": None}}), [("at", "no_hour"), ("at", "no_weekdays")]),
        (written({"if": {"kind": "condition", "test": "segment", "segment": "gone"}}), [("if", "unknown_segment")]),
        (written({"if": {"kind": "condition", "test": "luck"}}), [("if", "not_one_of")]),
        (written({"draw": {"kind": "split", "branches": [{"weight": 50}]}}), [("draw", "few_branches")]),
        (written({"draw": {"kind": "split", "branches": [{"weight": 0}, {"weight": 5}]}}), [("draw", "no_weight")]),
        (written({"note": {"kind": "task", "text": " "}}), [("note", "no_text")]),
        (written({"tag": {"kind": "tag"}}), [("tag", "no_tags")]),
        (written({"ask": message()}, trigger={"facts": []}), [("trigger", "no_facts")]),
        (written({"ask": message()}, trigger={"facts": ["rain"]}), [("trigger", "unknown_fact")]),
        (written({"ask": message()}, trigger={"facts": ["due"], "segments": ["gone"]}), [("trigger", "unknown_segment")]),
        (written({"ask": message()}, trigger=5), [("trigger", "not_readable")]),
        (written({"ask": message()}, exits=[{"facts": ["rain"]}]), [("exits", "unknown_fact")]),
        (written({"ask": message()}, settings={"channels": []}), [("settings", "no_channel")]),
        (written({"ask": message()}, settings={"categories": {"tea": {"offset_days": 99}}}), [("settings", "not_between")]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_journey_is_told_by_step(document: object, expected: list[tuple[str, str]]) -> None:
    assert faults(document) == expected


def test_every_fault_has_a_sentence_that_its_parameters_fill() -> None:
    told = check_definition(document=written({"a": message(next="b"), "b": message(next="a")}), known=KNOWN)
    assert (
        told[0].say(translate=str) == "The way comes back here without waiting: a → b → a. Put a wait into the circle."
    )
    assert all("{" not in text.replace("{name}", "").replace("{value}", "").replace("{limit}", "")
               .replace("{low}", "").replace("{high}", "") for text in FAULTS.values())  # fmt: skip


def test_a_flow_is_built_moved_and_cut_step_by_step() -> None:
    document: dict[str, Any] = {"steps": {}, "start": None}
    document, ask = shaping.insert_step(document=document, came_from="", came_by="start", kind="message")
    document, day = shaping.insert_step(document=document, came_from=ask, came_by="next", kind="wait")
    document, bought = shaping.insert_step(document=document, came_from=ask, came_by="next", kind="condition")
    document, bye = shaping.insert_step(document=document, came_from=bought, came_by="yes", kind="exit")

    # What came after the place of a question comes on its "no".
    assert document["steps"][bought] == {
        "kind": "condition", "test": "bought", "about": "anything", "yes": bye, "no": day,
    }  # fmt: skip
    lane = shaping.draw(document=document)
    assert [placed.key for placed in lane.steps] == [ask, bought]
    assert [(branch.port, [one.key for one in branch.lane.steps]) for branch in lane.steps[1].branches] == [
        ("yes", [bye]), ("no", [day]),
    ]  # fmt: skip

    document = shaping.change_step(document=document, key=day, options={"days": 3})
    assert document["steps"][day] == {"kind": "wait", "days": 3, "next": None}
    joined = shaping.lead_to(document=document, key=day, port="next", target=ask)
    assert shaping.draw(document=joined).steps[1].branches[1].lane.goes_to == ask
    # Without its question, the flow goes on at "yes"; the wait on "no" goes with it.
    cut = shaping.remove_step(document=document, key=bought)
    assert (sorted(cut["steps"]), cut["steps"][ask]["next"]) == (sorted([ask, bye]), bye)

    document, tag = shaping.insert_step(document=cut, came_from="", came_by="start", kind="tag")
    assert [one.key for one in shaping.draw(document=document).steps] == [tag, ask, bye]
    moved = shaping.move_down(document=document, key=tag)
    assert [one.key for one in shaping.draw(document=moved).steps] == [ask, tag, bye]
    assert shaping.move_up(document=moved, key=tag) == document
    # An exit leads nowhere: nothing changes places with it.
    assert shaping.move_down(document=moved, key=tag) == moved
    with pytest.raises(UnknownStep):
        shaping.remove_step(document=moved, key="gone")
    many = {"steps": {f"s{number}": {"kind": "exit"} for number in range(60)}, "start": "s0"}
    with pytest.raises(TooManyJourneySteps):
        shaping.insert_step(document=many, came_from="", came_by="start", kind="wait")


def running(document: dict[str, Any], *, lets_in: bool = True, journey_id: int = 1) -> Running:
    definition = read_definition(document=document)
    return Running(journey_id=journey_id, code="cart", version_id=journey_id, definition=definition, lets_in=lets_in)


def fact(kind: str, *, customer_id: int = 7, at: dt.datetime = NOW, **values: Any) -> SeenFact:
    return SeenFact(kind=kind, customer_id=customer_id, happened_at=at, **values)


def sorted_ways(*facts_in: SeenFact, journey: Running, ways: tuple[Way, ...] = (), **known: Any) -> list[Way]:
    return sort_facts(facts=facts_in, around=Around(running=[journey], ways=ways, **known), moment=NOW)


def test_who_comes_in_is_said_by_fact_goods_audience_and_number() -> None:
    document = written({"ask": message()}, trigger={
        "facts": ["viewed"], "categories": ["tea"], "segments": ["vip"], "not_segments": ["staff"],
        "at_least": {"times": 2},
    })  # fmt: skip
    vip = {"segments": {7: frozenset({"vip"})}}

    def enters(given: SeenFact, **known: Any) -> bool:
        return bool(sorted_ways(given, journey=running(document), **known))

    tea = fact("viewed", subject="OOLONG", skus=("OOLONG",), categories=("tea",), details={"times": 2})
    assert enters(tea, **vip)
    assert not enters(tea)
    assert not enters(tea, segments={7: frozenset({"vip", "staff"})})
    assert not enters(fact("viewed", skus=("MUG",), categories=("mugs",), details={"times": 2}), **vip)
    assert not enters(fact("viewed", skus=("OOLONG",), categories=("tea",), details={"times": "2"}), **vip)
    assert not enters(fact("carted", skus=("OOLONG",), categories=("tea",), details={"times": 2}), **vip)


@pytest.mark.parametrize(
    ("again", "last", "comes_in"),
    [
        ({"again": "once"}, None, True),
        ({"again": "once"}, NOW - 900 * DAY, False),
        ({"again": "after", "again_days": 30}, NOW - 29 * DAY, False),
        ({"again": "after", "again_days": 30}, NOW - 31 * DAY, True),
        ({"again": "each"}, NOW - HOUR, True),
    ],
)
def test_coming_in_again(again: dict[str, Any], last: dt.datetime | None, comes_in: bool) -> None:
    journey = running(written({"ask": message()}, trigger={"facts": ["cart_left"], **again}))
    entered = {(1, 7): last} if last else {}
    assert bool(sorted_ways(fact("cart_left", subject="W-1"), journey=journey, entered=entered)) is comes_in


def test_facts_of_one_lot_act_in_the_order_in_which_they_happened() -> None:
    journey = running(written({"day": {"kind": "wait", "days": 1, "next": None}},
                              exits=[{"facts": ["ordered"], "about": "goods"}]))  # fmt: skip
    left = fact("cart_left", subject="W-1", skus=("OOLONG",))
    other = fact("ordered", subject="A-1", skus=("MUG",), at=NOW + HOUR)
    same = fact("ordered", subject="A-2", skus=("OOLONG",), at=NOW + HOUR)
    old = fact("ordered", subject="A-0", skus=("OOLONG",), at=NOW - HOUR)

    assert [way.state for way in sorted_ways(left, same, journey=journey)] == ["left"]
    assert [way.state for way in sorted_ways(left, other, old, journey=journey)] == ["active"]
    assert [way.state for way in sorted_ways(left, left, journey=journey)] == ["active"]
    assert [way.customer_id for way in sorted_ways(left, fact("cart_left", customer_id=8), journey=journey)] == [7, 8]
    # Where the fact says so, older purchases end it as well: those that it knew nothing of.
    since = {"since": (NOW - 2 * HOUR).isoformat()}
    told = fact("cart_left", subject="W-1", skus=("OOLONG",), details=since)
    assert [way.state for way in sorted_ways(told, old, journey=journey)] == ["left"]


def walked(
    document: dict[str, Any], *, way: Way | None = None, moment: dt.datetime = NOW, zone: ZoneInfo = TAIPEI
) -> Walk:
    walk = Walk(
        way=way or begin_way(running=running(document), fact=fact("cart_left", subject="W-1"), moment=NOW), zone=zone
    )
    assert go_on(walks=[walk], answers={}, moment=moment) == ([walk] if walk.question else [])
    return walk


def test_a_wait_for_something_ends_when_it_comes_or_when_its_time_is_over() -> None:
    document = written({
        "watch": {"kind": "listen", "facts": ["carted"], "hours": 4, "next": "thank", "otherwise": "ask"},
        "thank": {"kind": "tag", "add": ["fast"], "next": None},
        "ask": message(),
    })  # fmt: skip
    waiting = walked(document).way
    assert (waiting.is_waiting, waiting.awaits, waiting.due_at) == (True, ("carted",), NOW + 4 * HOUR)

    late = walked(document, moment=NOW)
    go_on(walks=[late], answers={}, moment=NOW + 4 * HOUR)
    assert [action.step.key for action in late.actions] == ["ask"]
    assert (late.way.state, late.way.ended_code) == ("done", "finished")

    came = sort_facts(
        facts=[fact("carted", at=NOW + HOUR)], around=Around(running=[], ways=[waiting]), moment=NOW + HOUR
    )
    assert (came[0].due_at, came[0].is_waiting) == (NOW + HOUR, True)
    walk = walked(document, way=waiting, moment=NOW + HOUR)
    assert [action.step.key for action in walk.actions] == ["thank"]


def test_a_question_stops_the_walk_until_it_is_answered_and_a_circle_is_left_in_the_end() -> None:
    document = written({
        "if": {"kind": "condition", "test": "bought", "yes": None, "no": "ask"},
        "ask": message(next="day"), "day": {"kind": "wait", "days": 1, "next": "if"},
    })  # fmt: skip
    walk = walked(document)
    assert walk.question is not None
    moment = NOW
    for _ in range(200):
        asked = [walk] if walk.question else go_on(walks=[walk], answers={}, moment=moment)
        if asked:
            go_on(walks=asked, answers={(0, "if"): False}, moment=moment)
        moment += DAY
    assert (walk.way.state, walk.way.ended_code, walk.way.steps_count) == ("failed", "too_many_steps", 400)
    assert [action.visit for action in walk.actions[:3]] == [1, 2, 3]


def test_conditions_that_the_way_knows_itself() -> None:
    document = written({
        "big": {"kind": "condition", "test": "detail", "detail": "total", "at_least": 1000, "yes": "seen", "no": None},
        "seen": {"kind": "condition", "test": "fact", "facts": ["viewed"], "about": "goods", "yes": "tag", "no": None},
        "tag": {"kind": "tag", "add": ["x"], "next": None},
    })  # fmt: skip
    journey = running(document)

    def tagged(total: object, *seen: SeenFact) -> bool:
        way = begin_way(running=journey, fact=fact("cart_left", skus=("OOLONG",), details={"total": total}), moment=NOW)
        sort_facts(facts=seen, around=Around(running=[], ways=[way]), moment=NOW)
        return bool(walked(document, way=way).actions)

    looked = fact("viewed", skus=("OOLONG",), at=NOW + HOUR)
    assert tagged(1000, looked)
    assert not tagged(999, looked)
    assert not tagged("1000", looked)
    assert not tagged(1000)
    assert not tagged(1000, fact("viewed", skus=("MUG",), at=NOW + HOUR))


def test_a_random_split_is_constant_for_a_customer_and_keeps_to_its_weights() -> None:
    document = written({"draw": {"kind": "split", "branches": [{"weight": 20}, {"weight": 80}]}})
    journey = running(document)
    drawn = [
        draw_branch(
            way=begin_way(running=journey, fact=fact("cart_left", customer_id=number), moment=NOW),
            step=journey.definition.steps["draw"],
        )
        for number in range(4000)
    ]
    assert drawn[:50] == [
        draw_branch(
            way=begin_way(running=journey, fact=fact("cart_left", customer_id=number), moment=NOW + DAY),
            step=journey.definition.steps["draw"],
        )
        for number in range(50)
    ]
    assert 0.18 < drawn.count(0) / 4000 < 0.22


@pytest.mark.parametrize(
    ("moment", "hour", "weekdays", "zone", "expected"),
    [
        # 10:00 on a Sunday in Taipei.
        (NOW, 10, [], TAIPEI, NOW),
        (NOW + dt.timedelta(seconds=1), 10, [], TAIPEI, NOW + DAY),
        (NOW, 9, [1], TAIPEI, NOW + 23 * HOUR),
        (NOW, 10, [7], TAIPEI, NOW),
        (NOW + HOUR, 10, [7], TAIPEI, NOW + 7 * DAY),
        # The hour that the clocks of Berlin skip in March is the next one.
        (dt.datetime(2027, 3, 27, 12, tzinfo=dt.UTC), 2, [], ZoneInfo("Europe/Berlin"), dt.datetime(2027, 3, 28, 1, tzinfo=dt.UTC)),
    ],
)  # fmt: skip
def test_the_next_hour_where_the_customer_lives(
    moment: dt.datetime, hour: int, weekdays: list[int], zone: ZoneInfo, expected: dt.datetime
) -> None:
    assert next_hour(moment=moment, hour=hour, weekdays=weekdays, zone=zone) == expected


def test_settings_of_a_product_type_stand_before_those_of_the_journey() -> None:
    definition = read_definition(
        document=written({"ask": message()}, settings={
            "channels": ["email"], "offset_days": -1,
            "categories": {"tea": {"offset_days": 3}, "mugs": {"channels": ["line", "email"]}},
        })
    )  # fmt: skip
    assert definition.settings_of(categories=("mugs",)).channels == ("line", "email")
    assert definition.settings_of(categories=("mugs",)).offset_days == -1
    assert definition.settings_of(categories=("pots", "tea")).offset_days == 3
    assert definition.settings_of(categories=()).offset_days == -1


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"colour": 1}, "colour"),
        ({"steps": []}, "steps"),
        ({"steps": {"a": 5}}, "steps.a"),
        ({"steps": {"a": {"kind": ["tag"]}}}, "steps.a"),
        ({"steps": {"a": {"kind": "tag", "add": 5}}}, "steps.a.add"),
        ({"steps": {"a": {"kind": "wait", "days": "1"}}}, "steps.a.days"),
        ({"steps": {"a": {"kind": "until", "weekdays": [9]}}}, "steps.a.weekdays"),
        ({"steps": {"a": {"kind": "split", "branches": [5]}}}, "steps.a.branches.0"),
        ({"start": 5}, "start"),
        ({"trigger": {"at_least": {"x": "y"}}}, "trigger.at_least"),
        ({"trigger": {"stays": "yes"}}, "trigger.stays"),
        ({"exits": {}}, "exits"),
        ({"exits": [{"facts": "ordered"}]}, "exits.0.facts"),
        ({"settings": {"categories": {"tea": 5}}}, "settings.categories.tea"),
        ({"settings": {"categories": {"tea": {"channels": "line"}}}}, "settings.categories.tea.channels"),
    ],
)
def test_a_draft_may_lack_much_but_holds_nothing_of_the_wrong_type(document: dict[str, Any], path: str) -> None:
    with pytest.raises(BadDefinition) as refused:
        refuse_unkeepable(document=document)
    assert refused.value.parameters["path"] == path


def test_a_draft_with_faults_can_be_kept() -> None:
    refuse_unkeepable(
        document={"trigger": {"facts": []}, "steps": {"a": {"kind": "message", "next": "gone"}}, "start": None}
    )
