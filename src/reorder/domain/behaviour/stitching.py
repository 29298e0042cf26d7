"""Who a visitor is, from when on: links, and the earlier events that a first link gives to its person.

Two people at one browser: what happens after the later one is known is theirs, and nothing goes back.
"""

from typing import Any, Final

from django.db import connection

from reorder.domain.storage import run_sql

# How far back what somebody did unknown becomes theirs.
EARLIER_DAYS: Final = 30
# A browser with more people than this is a till or a library: who sits there now cannot be told.
MOST_PEOPLE: Final = 5
# Of an event and its visitor: the link that held then; before the first link, the first one within the days.
FIND_HOLDER: Final = f"""
SELECT customer_id FROM behaviour_visitorlink
WHERE visitor_id = visitor.id AND visitor.people_count BETWEEN 1 AND %(most_people)s
  AND linked_at <= event.happened_at + interval '{EARLIER_DAYS} days'
ORDER BY linked_at <= event.happened_at DESC,
         CASE WHEN linked_at <= event.happened_at THEN linked_at END DESC, linked_at, id LIMIT 1
"""  # noqa: S608 - a number of ours
# A link of a mail may have been forwarded: it names only a browser of which nobody is known.
_LINK: Final = """
WITH told AS (
    SELECT visitor.id AS visitor_id, named.customer_id, event.proof, event.happened_at,
           lag(named.customer_id, 1, visitor.customer_id) OVER
               (PARTITION BY visitor.id ORDER BY event.happened_at, event.id) AS before_id
    FROM drained_event AS event
    JOIN named_person AS named USING (user_key)
    JOIN behaviour_visitor AS visitor ON visitor.anonymous_id = event.anonymous_id
    WHERE event.outcome = '' AND visitor.people_count <= %(most_people)s
)
INSERT INTO behaviour_visitorlink (visitor_id, customer_id, proof, linked_at)
SELECT visitor_id, customer_id, proof, happened_at FROM told
WHERE customer_id IS DISTINCT FROM before_id AND (proof <> 'mail' OR before_id IS NULL)
ORDER BY visitor_id, happened_at
RETURNING id, visitor_id
"""
_HOLD: Final = """
UPDATE behaviour_visitor AS visitor
SET customer_id = latest.customer_id, people_count = latest.people, is_bot = false
FROM (
    SELECT visitor_id, (array_agg(customer_id ORDER BY linked_at DESC, id DESC))[1] AS customer_id,
           least(count(DISTINCT customer_id), 30000) AS people
    FROM behaviour_visitorlink WHERE visitor_id = ANY(%(visitors)s) GROUP BY visitor_id
) AS latest WHERE visitor.id = latest.visitor_id
"""
_STITCH: Final = f"""
WITH link AS (
    SELECT id, visitor_id, customer_id,
           CASE WHEN lag(linked_at) OVER mine IS NULL THEN linked_at - interval '{EARLIER_DAYS} days'
                ELSE linked_at END AS from_at,
           lead(linked_at, 1, 'infinity') OVER mine AS until_at
    FROM behaviour_visitorlink WHERE visitor_id = ANY(%(visitors)s)
    WINDOW mine AS (PARTITION BY visitor_id ORDER BY linked_at, id)
), mine AS (
    UPDATE behaviour_trackedevent AS event SET customer_id = link.customer_id FROM link
    WHERE link.id = ANY(%(links)s) AND event.visitor_id = link.visitor_id AND event.customer_id IS NULL
      AND event.happened_at >= link.from_at AND event.happened_at < link.until_at
    RETURNING event.message_id, event.customer_id, event.kind, event.product_id, event.happened_at, event.search_text,
              event.results_count, event.details
)
SELECT mine.message_id, mine.customer_id, kind, sku, happened_at, search_text, results_count, details, true
FROM mine LEFT JOIN catalog_product AS product ON product.id = mine.product_id
"""  # noqa: S608 - a number of ours


def link_visitors() -> list[tuple[Any, ...]]:
    """Link the visitors of a lot to the people it names; returns the earlier events that became theirs."""
    with connection.cursor() as cursor:
        cursor.execute(_LINK, {"most_people": MOST_PEOPLE})
        linked = cursor.fetchall()
    return settle_links(links=[row[0] for row in linked], visitors=[row[1] for row in linked])


def settle_links(*, links: list[int], visitors: list[int]) -> list[tuple[Any, ...]]:
    """After links were written: who holds the visitors now, and whose the earlier events are."""
    if not links:
        return []
    held = sorted(set(visitors))
    run_sql(statement=_HOLD, parameters={"visitors": held})
    with connection.cursor() as cursor:
        cursor.execute(_STITCH, {"visitors": held, "links": links})
        return list(cursor.fetchall())
