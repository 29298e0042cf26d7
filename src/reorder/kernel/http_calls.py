"""A call over HTTP as adapters of other people's services make it: they are handed the way out and open none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """What came back, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpSend(Protocol):
    """The guarded way out. Its owner says what it raises where surely nothing arrived, and where something may have."""

    def __call__(
        self, *, url: str, method: str = "POST", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> HttpAnswer: ...
