"""Conversations in threads of their own, which never touch the database: messages in, outcomes out.

A lane has one channel, opened when the first message comes. It holds at most two groups, so that it never waits for the
next one; once its channel is down it hands back unbegun what it still holds.
"""

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, cast

from reorder.domain.messaging.channels.base import ManyChannel, MessageChannel, Outcome, Outgoing, Result
from reorder.domain.messaging.operations import MessageToSend


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Messages of one conversation: one, or many with equal content."""

    messages: tuple[MessageToSend, ...]
    outgoings: tuple[Outgoing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a lane did with a group; no outcomes: it was handed back unbegun."""

    lane: "Lane"
    group: Group
    outcomes: tuple[Outcome, ...]


class Lane:
    """One thread with one channel; `held` is counted by the pass alone."""

    def __init__(self, *, channel: MessageChannel, answers: "SimpleQueue[Answered]", name: str) -> None:
        self.held = 0
        self._channel = channel
        self._answers = answers
        self._groups: SimpleQueue[Group | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def take(self, group: Group) -> None:
        """Queue a group for this lane."""
        self.held += 1
        self._groups.put(group)

    def close(self) -> None:
        """End after what is queued, and wait for that."""
        self._groups.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_down = False
        with ExitStack() as stack:
            channel: MessageChannel | None = None
            while (group := self._groups.get()) is not None:
                if is_down:
                    self._answers.put(Answered(lane=self, group=group, outcomes=()))
                    continue
                outcomes: Sequence[Outcome]
                try:
                    if channel is None:
                        channel = stack.enter_context(cast(Any, self._channel))
                    outcomes = _converse(channel, group.outgoings)
                except Exception as fault:  # noqa: BLE001 - one oddity must not end the pass of all others
                    outcomes = [_odd(fault)] * len(group.messages)
                is_down = any(one.is_channel_down for one in outcomes)
                self._answers.put(Answered(lane=self, group=group, outcomes=tuple(outcomes)))


def _converse(channel: MessageChannel, outgoings: tuple[Outgoing, ...]) -> Sequence[Outcome]:
    if len(outgoings) == 1:
        return [channel.send(outgoing=outgoings[0])]
    return cast(ManyChannel, channel).send_many(outgoings=outgoings)


def _odd(fault: Exception) -> Outcome:
    """An adapter that raised said nothing about what was delivered."""
    return Outcome(
        result=Result.UNKNOWN, code="outbox.unknown.no_answer", error=f"{type(fault).__name__}: {fault}"[:500]
    )
