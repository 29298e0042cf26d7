"""Signals with the moment when they became known, the calendar, what was learned of both, and choices of method.

The staging table of signal files is UNLOGGED as the others are.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

STAGED = """
CREATE UNLOGGED TABLE channels_stagedsignals (
    import_id bigint NOT NULL, row_number bigint NOT NULL, kind text NOT NULL, name text, sku text, category text,
    place text, date date NOT NULL, number double precision, text text, known_at timestamptz, source text
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0004_statistics_and_learning"),
        ("channels", "0005_staged_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="forecastchoice",
            name="is_kept",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Kept from the night before, because nothing else was 2 % better.",
            ),
        ),
        migrations.AddField(
            model_name="forecastchoice",
            name="is_override",
            field=models.BooleanField(db_default=False, default=False, help_text="A person demanded these methods."),
        ),
        migrations.CreateModel(
            name="MethodOverride",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.TextField()),
                ("place_code", models.TextField()),
                ("methods", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("note", models.TextField()),
                ("author", models.TextField()),
                ("recorded_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("subject", "place_code"),
                        name="method_override_one_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Signal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.TextField()),
                (
                    "name",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Of the event, competitor or measure."
                    ),
                ),
                ("scope", models.CharField(max_length=8)),
                (
                    "key",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="SKU or category code; empty for all."
                    ),
                ),
                ("place_code", models.TextField(db_default="*", default="*", help_text="* for all places.")),
                ("date", models.DateField()),
                ("number", models.FloatField(null=True)),
                ("text", models.TextField(blank=True, db_default="", default="")),
                (
                    "known_at",
                    models.DateTimeField(help_text="From this moment on it was known; a backtest reads nothing later."),
                ),
                ("source", models.TextField(blank=True, db_default="", default="")),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["date", "known_at"], name="signal_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "date", "scope", "key", "place_code", "name", "known_at"), name="signal_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["price", "promotion", "competitor_price", "event", "holiday", "weather", "open"],
                            )
                        ),
                        name="signal_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("key", ""), ("scope", "all")),
                            models.Q(("scope__in", ["category", "product"]), models.Q(("key", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="signal_scope_has_key",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.TextField()),
                ("name", models.TextField()),
                ("from_date", models.DateField()),
                ("until_date", models.DateField(help_text="Included.")),
                ("scope", models.CharField(db_default="all", default="all", max_length=8)),
                ("key", models.TextField(blank=True, db_default="", default="")),
                ("place_code", models.TextField(db_default="*", default="*")),
                (
                    "price",
                    models.FloatField(
                        help_text="Major units of the product's currency; for one product only.", null=True
                    ),
                ),
                ("discount_share", models.FloatField(help_text="0.2 is 20 % off.", null=True)),
                (
                    "expected_effect_share",
                    models.FloatField(
                        help_text="What the person expects instead of what was learned: 0.5 is half as much again.",
                        null=True,
                    ),
                ),
                ("note", models.TextField(blank=True, db_default="", default="")),
                (
                    "source_key",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Which row of a file it came from; lands once."
                    ),
                ),
                ("author", models.TextField()),
                ("recorded_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "replaces",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="planning.calendarentry",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["from_date", "id"], name="calendar_entry_days")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["promotion", "event", "holiday", "closed"])),
                        name="calendar_entry_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until_date__gte", models.F("from_date"))),
                        name="calendar_entry_days_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("discount_share__isnull", True),
                            models.Q(("discount_share__gte", 0), ("discount_share__lte", 1)),
                            _connector="OR",
                        ),
                        name="calendar_entry_discount_within_one",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True), models.Q(("source_key", ""), _negated=True)),
                        fields=("source_key",),
                        name="calendar_entry_of_file_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("key", ""), ("scope", "all")),
                            models.Q(("scope__in", ["category", "product"]), models.Q(("key", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="calendar_entry_scope_has_key",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LearnedEffect",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.TextField(help_text="The column that the forecast saw: event, holiday, on_promotion …"),
                ),
                (
                    "value",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="The event's name where it has one."
                    ),
                ),
                ("scope", models.CharField(max_length=8)),
                ("key", models.TextField(blank=True, db_default="", default="")),
                ("effect_share", models.FloatField(help_text="0.38 is 38 % more than without it.")),
                ("low_share", models.FloatField()),
                ("high_share", models.FloatField()),
                ("occurrences_count", models.PositiveIntegerField()),
                ("days_count", models.PositiveIntegerField()),
                ("as_of_date", models.DateField()),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="planning.run",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("name", "value", "scope", "key"), name="learned_effect_once")
                ],
            },
        ),
        migrations.RunSQL(STAGED, "DROP TABLE channels_stagedsignals"),
    ]
