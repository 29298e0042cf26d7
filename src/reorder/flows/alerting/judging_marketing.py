"""Which sources of marketing people turn away from more than a shop should let them; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from reorder.domain.planning.alerting import FOUND
from reorder.flows.alerting.judging import CRITICAL, WARNING, found
from reorder.kernel.formatting import format_rate

UNWELCOME: Final = "unwelcome_marketing"
# Complaints make mailboxes turn away all mail of the shop; who refuses only leaves.
_SEVERITIES: Final = {"complaints": CRITICAL, "unsubscribes": WARNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenGuard:
    """A measure (unsubscribes or complaints) of one source that is proved to be above its limit."""

    source_kind: str
    source_key: str
    name: str
    measure: str
    share: float
    limit_share: float


def judge_unwelcome(*, broken: Sequence[BrokenGuard], currency: str) -> pl.DataFrame:
    """One alert for each; its key says whose results mend it, as kind:source:measure. Columns FOUND."""
    rows = [
        found(
            pl.DataFrame({"severity": [_SEVERITIES[one.measure]], "currency": [currency]}),
            kind=UNWELCOME,
            code=f"alert.unwelcome.{one.measure}",
            facts={
                "name": pl.lit(one.name),
                "share": pl.lit(format_rate(one.share)),
                "limit": pl.lit(format_rate(one.limit_share)),
            },
            key=pl.lit(f"{one.source_kind}:{one.source_key}:{one.measure}"),
        )
        for one in broken
    ]
    return pl.concat([pl.DataFrame(schema=FOUND), *rows])
