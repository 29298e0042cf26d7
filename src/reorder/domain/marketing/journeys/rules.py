"""The words that a journey is written in. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# Facts whose subject is not a product, but which are about products: those stand in details["skus"].
ABOUTS: Final = ("anything", "goods", "subject")
AGAINS: Final = ("each", "after", "once")
CHANNELS: Final = ("email", "line", "web_push", "app_push", "sms", "chat", "webhook")
TESTS: Final = ("segment", "rule", "fact", "bought", "detail")
# More than any journey that a person would follow; what goes further runs in a circle.
MOST_STEPS: Final = 60
MOST_STEPS_OF_ONE: Final = 400
MOST_WAIT_DAYS: Final = 730
MOST_BRANCHES: Final = 6


@dataclass(frozen=True, slots=True)
class StepKind:
    """What a kind of step may say (`options`; `needed` are those it must), and where it leads."""

    ports: tuple[str, ...]
    options: frozenset[str]
    needed: frozenset[str] = frozenset()
    waits: bool = False


def _kind(*, ports: str, options: str, needed: str = "", waits: bool = False) -> StepKind:
    return StepKind(
        ports=tuple(ports.split()),
        options=frozenset(options.split()),
        needed=frozenset(needed.split()),
        waits=waits,
    )


STEP_KINDS: Final[Mapping[str, StepKind]] = {
    "wait": _kind(ports="next", options="days hours minutes", waits=True),
    "until": _kind(ports="next", options="weekdays hour", needed="hour", waits=True),
    "listen": _kind(ports="next otherwise", options="facts about days hours minutes", needed="facts", waits=True),
    "condition": _kind(
        ports="yes no",
        options="test segment rules facts about detail at_least",
        needed="test",
    ),
    "split": _kind(ports="", options="branches", needed="branches"),
    "message": _kind(
        ports="next",
        options="template channels offers stock_rule purpose valid_days at_moment value_minor most_goods",
        needed="template",
    ),
    "tag": _kind(ports="next", options="add remove"),
    "segment": _kind(ports="next", options="segment action", needed="segment action"),
    "webhook": _kind(ports="next", options="name", needed="name"),
    "task": _kind(ports="next", options="text", needed="text"),
    "exit": _kind(ports="", options=""),
}
TRIGGER_KEYS: Final = frozenset(
    ["facts", "subjects", "skus", "categories", "segments", "not_segments", "at_least", "again", "again_days", "stays"]
)
SETTING_KEYS: Final = frozenset(["channels", "offers", "offset_days", "valid_days"])
DOCUMENT_KEYS: Final = frozenset(["trigger", "start", "steps", "exits", "settings"])
EXIT_KEYS: Final = frozenset(["facts", "about"])
STOCK_RULES: Final = ("hold", "substitute", "drop", "ignore")
PURPOSES: Final = ("marketing", "transactional")

# What an event of an enrolment says, for its log and for the live numbers.
EVENTS: Final = (
    "entered", "waiting", "went_on", "yes", "no", "branch", "planned", "held_out", "rescheduled", "held_for_stock",
    "suppressed", "tagged", "listed", "told", "asked", "done", "left", "failed", "fault", "moved",
)  # fmt: skip
# Why somebody is no longer in a journey.
ENDS: Final = (
    "finished", "exit_step", "fact", "audience", "person", "switched_off", "too_many_steps", "fault", "merged",
)  # fmt: skip
