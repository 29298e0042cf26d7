"""Writes of customers."""

from dataclasses import dataclass

from reorder.domain.storage import run_sql

_ADD = """
INSERT INTO customers_customer (key, name, language, country, postcode)
SELECT key, coalesce(name, ''), left(coalesce(language, ''), 8), left(coalesce(country, ''), 2), coalesce(postcode, '')
FROM staged_customer AS staged
WHERE NOT EXISTS (SELECT FROM customers_customer AS known WHERE known.key = staged.key)
ORDER BY key ON CONFLICT (key) DO NOTHING
"""

# An erased person stays erased: an old file must not bring the name back.
_COMPLETE = """
UPDATE customers_customer AS known
SET name = coalesce(nullif(known.name, ''), staged.name, ''),
    language = coalesce(nullif(known.language, ''), left(staged.language, 8), ''),
    country = coalesce(nullif(known.country, ''), left(staged.country, 2), ''),
    postcode = coalesce(nullif(known.postcode, ''), staged.postcode, '')
FROM staged_customer AS staged
WHERE known.key = staged.key AND known.erased_at IS NULL AND (
    (known.name = '' AND staged.name <> '') OR (known.language = '' AND staged.language <> '')
    OR (known.country = '' AND staged.country <> '') OR (known.postcode = '' AND staged.postcode <> ''))
"""


@dataclass(frozen=True, slots=True)
class TakenCustomers:
    """How many customers were new, and how many got a fact that was missing."""

    added_count: int
    completed_count: int


def take_customers() -> TakenCustomers:
    """Add unknown customers of the temporary table `staged_customer` and fill empty facts of known ones.

    The table has key, name, language, country, postcode, each key once; what is known is never overwritten.
    """
    completed = run_sql(statement=_COMPLETE)
    added = run_sql(statement=_ADD)
    return TakenCustomers(added_count=added, completed_count=completed)
