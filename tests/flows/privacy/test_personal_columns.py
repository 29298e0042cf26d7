"""Every column that can hold words is classified: docs/reference/personal-data.md and the register say the same.

A new column fails here until somebody says what it holds. Where it holds facts of a person it goes into the declaration
of its room (domain/<app>/personal.py), and a row of it into test_erasing_people; otherwise into the reference.
"""

import re
from pathlib import Path

import pytest
from django.db import connection

from reorder.flows.privacy.register import PERSONAL_TABLES
from tests.factories.planting import text_columns

pytestmark = pytest.mark.django_db
REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "personal-data.md"
_ROW = re.compile(r"^\| `(\w+)` \| (.*) \|$", re.MULTILINE)
_HOW = {"delete": "deleted", "empty": "emptied", "keep": "kept"}


def part_of(title: str) -> dict[str, str]:
    """Rows of one table of the reference, by their first cell."""
    text = REFERENCE.read_text()
    start = text.index(f"## {title}")
    end = text.find("\n## ", start + 3)
    return dict(_ROW.findall(text[start : end if end > 0 else None]))


def declared() -> dict[str, str]:
    """The register as the reference spells it."""
    return {
        one.table: " | ".join([_HOW[one.erasure], ", ".join(f"`{name}`" for name in one.personal), one.why])
        for one in PERSONAL_TABLES
    }


def test_every_column_that_can_hold_words_is_classified() -> None:
    harmless = {
        table: set(re.findall(r"`(\w+)`", columns)) for table, columns in part_of("Columns without facts of").items()
    }
    personal = {one.table: set(one.personal) for one in PERSONAL_TABLES}
    schema = text_columns()
    unknown = {
        table: missing
        for table, columns in schema.items()
        if (
            missing := [name for name in columns if name not in personal.get(table, set()) | harmless.get(table, set())]
        )
    }
    lines = "\n".join(
        f"| `{table}` | {', '.join(f'`{name}`' for name in columns)} |" for table, columns in unknown.items()
    )
    assert not unknown, f"not classified; see the first lines of this file:\n{lines}"
    gone = {
        table: sorted(names - set(schema.get(table, [])))
        for table, names in harmless.items()
        if names - set(schema.get(table, []))
    }
    assert not gone, "the reference names columns that are gone"
    both = {table: sorted(names & personal.get(table, set())) for table, names in harmless.items()}
    assert not any(both.values()), "a column cannot hold facts of a person and none"


def test_the_reference_tells_of_the_register() -> None:
    assert part_of("What is erased, and how") == declared()


def test_every_table_that_knows_a_customer_is_declared() -> None:
    """A number is no name, but rows about a person are theirs: to be shown, and deleted or kept for a reason."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT t.relname FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.conrelid
               WHERE c.contype = 'f' AND c.confrelid = 'customers_customer'::regclass AND NOT t.relispartition
               UNION SELECT table_name FROM information_schema.columns
               WHERE table_schema = 'public' AND column_name = 'customer_id' AND table_name IN (
                   SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition)"""
        )
        known = {row[0] for row in cursor.fetchall()}
    assert known - {one.table for one in PERSONAL_TABLES} == set()
    kept = [one.table for one in PERSONAL_TABLES if one.erasure != "delete" and not one.why]
    assert kept == [], "what is kept of an erased person needs a reason"
