"""What people search for: how often, how many of them, whether it found anything, and what they bought afterwards.

Words are the same however they are written: wide or narrow letters, large or small. Only searches whose shop tells how
much they found can be called without a result.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.reading import read_rows

SPANS: Final = (30, 7, 90)
# So long after a search a purchase is called its follower.
BOUGHT_WITHIN_DAYS: Final = 7
_BOUGHT_SHOWN: Final = 3
_WORDS: Final = "lower(normalize(search_text, NFKC))"
_LIST: Final = f"""
WITH searched AS (
    SELECT {_WORDS} AS words, count(*) AS times,
           count(DISTINCT coalesce(customer_id, -visitor_id)) AS people,
           count(*) FILTER (WHERE results_count = 0) AS empty_times,
           count(DISTINCT coalesce(customer_id, -visitor_id)) FILTER (WHERE results_count = 0) AS empty_people,
           count(results_count) AS told_times, max(happened_at) AS last_at
    FROM behaviour_trackedevent
    WHERE kind = 'search' AND search_text <> '' AND happened_at >= %(since)s
      AND (%(search)s = '' OR {_WORDS} LIKE %(pattern)s)
    GROUP BY 1
), ranked AS (
    SELECT *, CASE WHEN %(tab)s = 'missing' THEN empty_people ELSE people END AS rank_people,
           CASE WHEN %(tab)s = 'missing' THEN empty_times ELSE times END AS rank_times
    FROM searched WHERE %(tab)s = 'all' OR empty_times > 0
)
SELECT words, times, people, empty_times, empty_people, told_times, last_at, rank_people, rank_times FROM ranked
WHERE %(after_people)s::bigint IS NULL
   OR (-rank_people, -rank_times, words) > (-%(after_people)s::bigint, -%(after_times)s::bigint, %(after_words)s)
ORDER BY rank_people DESC, rank_times DESC, words LIMIT %(limit)s
"""  # noqa: S608 - constants of ours
_BOUGHT: Final = f"""
WITH searcher AS (
    SELECT {_WORDS} AS words, customer_id, min(happened_at) AS searched_at FROM behaviour_trackedevent
    WHERE kind = 'search' AND customer_id IS NOT NULL AND happened_at >= %(since)s
      AND {_WORDS} = ANY(%(words)s) GROUP BY 1, 2
), bought AS (
    SELECT searcher.words, searcher.customer_id, line.product_id
    FROM searcher
    JOIN orders_order AS placed ON placed.customer_id = searcher.customer_id
     AND placed.ordered_at >= searcher.searched_at
     AND placed.ordered_at < searcher.searched_at + interval '{BOUGHT_WITHIN_DAYS} days'
     AND placed.state NOT IN ('draft', 'cancelled')
    JOIN orders_orderline AS line ON line.order_id = placed.id
), by_product AS (
    SELECT words, product_id, count(DISTINCT customer_id) AS buyers,
           row_number() OVER (PARTITION BY words ORDER BY count(DISTINCT customer_id) DESC, product_id) AS place
    FROM bought GROUP BY 1, 2
)
SELECT searcher.words, count(DISTINCT searcher.customer_id) AS known,
       (SELECT count(DISTINCT customer_id) FROM bought WHERE bought.words = searcher.words) AS buyers,
       (SELECT coalesce(array_agg(product.name ORDER BY place), '{{}}') FROM by_product
        JOIN catalog_product AS product ON product.id = product_id
        WHERE by_product.words = searcher.words AND place <= {_BOUGHT_SHOWN}) AS names
FROM searcher GROUP BY 1
"""  # noqa: S608 - constants of ours
Place = tuple[int, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedWords:
    """One set of words; `known_count` of its people are customers, `buyers_count` of those bought within a week."""

    words: str
    times_count: int
    people_count: int
    empty_times_count: int
    empty_people_count: int
    told_times_count: int
    last_at: dt.datetime
    known_count: int
    buyers_count: int
    bought_names: Sequence[str]


def list_searches(
    *, actor: Actor, tab: str, days: int, search: str, after: Place | None, size: int, moment: dt.datetime
) -> tuple[list[SearchedWords], Place | None]:
    """Words by how many people searched them, and where the next page begins; raises NotAllowed.

    `tab` is missing (those that found nothing, by how many people that happened to) or all.
    """
    if not actor.may(Ability.VIEW_MARKETING):
        actor.require(Ability.VIEW_DEMAND)
    people, times, words = after or (None, None, "")
    since = moment - dt.timedelta(days=days)
    escaped = search.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    found = read_rows(
        statement=_LIST,
        parameters={
            "since": since,
            "tab": tab,
            "search": search,
            "pattern": f"%{escaped}%",
            "after_people": people,
            "after_times": times,
            "after_words": words,
            "limit": size + 1,
        },
    )
    shown = found[:size]
    bought = read_rows(statement=_BOUGHT, parameters={"since": since, "words": [row["words"] for row in shown]})
    by_words = {row["words"]: row for row in bought}
    lines = []
    for row in shown:
        followed = by_words.get(row["words"], {"known": 0, "buyers": 0, "names": []})
        lines.append(
            SearchedWords(
                words=row["words"],
                times_count=row["times"],
                people_count=row["people"],
                empty_times_count=row["empty_times"],
                empty_people_count=row["empty_people"],
                told_times_count=row["told_times"],
                last_at=row["last_at"],
                known_count=followed["known"],
                buyers_count=followed["buyers"],
                bought_names=followed["names"],
            )
        )
    if len(found) <= size:
        return lines, None
    last = shown[-1]
    return lines, (last["rank_people"], last["rank_times"], last["words"])
