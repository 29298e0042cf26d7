"""Append-only tables above the customers let personal words go when a person is erased, and nothing else.

It stands here because marketing lies above all of them; see customers 0009 for what `customers_only_erases` allows.
"""

from django.db import migrations

# Function, its own words, and the columns that may be emptied: those that a table does not have are no difference.
GUARDS = (
    ("staff_refuse_change", "the audit trail is append-only", ("address", "subject_key", "details")),
    ("orders_refuse_change", "the events of an order are append-only", ("reason", "details")),
    (
        "payments_refuse_change",
        "money moves are append-only: correct them by a counter-move",
        ("note", "reason"),
    ),
    ("shipping_refuse_change", "what was said of a parcel is append-only", ("carrier_words", "place_text")),
)
FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN{leave}
    RAISE EXCEPTION '{words}' USING ERRCODE = 'restrict_violation';
END $$;
"""
LEAVE = """
    IF TG_OP = 'UPDATE' AND customers_only_erases(to_jsonb(OLD), to_jsonb(NEW), ARRAY[{columns}]) THEN
        RETURN NEW;
    END IF;"""


# What each function becomes, and what it was.
STATEMENTS = [
    (
        FUNCTION.format(
            name=name, words=words, leave=LEAVE.format(columns=", ".join(f"'{column}'" for column in columns))
        ),
        FUNCTION.format(name=name, words=words, leave=""),
    )
    for name, words, columns in GUARDS
]


class Migration(migrations.Migration):
    dependencies = [
        ("marketing", "0006_proof"),
        ("customers", "0009_privacy"),
        ("staff", "0003_append_only_and_cache"),
        ("orders", "0003_life"),
        ("payments", "0001_initial"),
        ("shipping", "0005_tracking"),
    ]

    operations = [migrations.RunSQL(now, before) for now, before in STATEMENTS]
