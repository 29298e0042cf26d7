"""Comparisons: arms, results and winners."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


REFUSE = """
CREATE FUNCTION marketing_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'choices of holdouts are append-only: record a new one' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER holdout_choice_append_only BEFORE UPDATE OR DELETE ON marketing_holdoutchoice
    FOR EACH ROW EXECUTE FUNCTION marketing_refuse_change();
"""
ALLOW = """
DROP TRIGGER holdout_choice_append_only ON marketing_holdoutchoice; DROP FUNCTION marketing_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0009_privacy"),
        ("marketing", "0005_content"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProofState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("last_message_key", models.BigIntegerField(db_default=0, default=0)),
                ("measured_at", models.DateTimeField(blank=True, null=True)),
                ("as_of_date", models.DateField(blank=True, null=True)),
                (
                    "base",
                    models.JSONField(
                        db_default={},
                        default=dict,
                        help_text="People who may be written to, and how many buy in a window anyway.",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EffectFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of_date", models.DateField()),
                ("source_kind", models.CharField(max_length=16)),
                ("source_key", models.TextField(blank=True, db_default="", default="")),
                ("step_key", models.TextField(blank=True, db_default="", default="")),
                ("variant", models.CharField(blank=True, db_default="", default="", max_length=32)),
                (
                    "measure",
                    models.CharField(
                        help_text="buyers, orders, revenue, margin, unsubscribes, complaints.", max_length=16
                    ),
                ),
                ("treated_count", models.BigIntegerField()),
                ("held_out_count", models.BigIntegerField()),
                ("treated_value", models.FloatField()),
                ("held_out_value", models.FloatField()),
                ("difference", models.FloatField()),
                ("low", models.FloatField()),
                ("high", models.FloatField()),
                ("is_always_valid", models.BooleanField()),
                (
                    "variance_cut_share",
                    models.FloatField(db_default=0, default=0, help_text="What the days before explained."),
                ),
                ("details", models.JSONField(db_default={}, default=dict)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                "indexes": [models.Index(fields=["as_of_date"], name="effect_figure_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source_kind", "source_key", "step_key", "variant", "measure", "as_of_date"),
                        name="effect_figure_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HoldoutChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source_kind",
                    models.CharField(help_text="global, or the kind of source as messages name it.", max_length=16),
                ),
                (
                    "source_key",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Empty: every source of the kind."
                    ),
                ),
                ("share", models.FloatField()),
                ("note", models.TextField(blank=True, db_default="", default="")),
                ("decided_by", models.TextField()),
                ("decided_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["source_kind", "source_key", "-id"], name="holdout_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("share__gte", 0), ("share__lte", 1)), name="holdout_share_is_a_share"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Exposure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source_kind", models.CharField(max_length=16)),
                ("source_key", models.TextField(blank=True, db_default="", default="")),
                ("step_key", models.TextField(blank=True, db_default="", default="")),
                ("arm", models.CharField(help_text="treated or held_out.", max_length=8)),
                ("message_key", models.BigIntegerField(help_text="The message that was decided about first.")),
                ("variant", models.CharField(blank=True, db_default="", default="", max_length=32)),
                ("channel", models.CharField(blank=True, db_default="", default="", max_length=16)),
                ("offer", models.TextField(blank=True, db_default="", default="")),
                ("segment", models.CharField(blank=True, db_default="", default="", max_length=32)),
                ("exposed_at", models.DateTimeField()),
                ("until_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("orders_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("revenue_minor", models.BigIntegerField(db_default=0, default=0)),
                ("margin_minor", models.BigIntegerField(db_default=0, default=0)),
                ("before_orders_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("before_revenue_minor", models.BigIntegerField(db_default=0, default=0)),
                ("before_margin_minor", models.BigIntegerField(db_default=0, default=0)),
                ("is_clicked", models.BooleanField(db_default=False, default=False)),
                ("is_unsubscribed", models.BooleanField(db_default=False, default=False)),
                ("is_complained", models.BooleanField(db_default=False, default=False)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["source_kind", "source_key", "step_key", "exposed_at"], name="exposure_of_source"
                    ),
                    models.Index(fields=["until_at"], name="exposure_to_settle"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "source_kind", "source_key", "step_key", "exposed_at"), name="exposure_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("arm__in", ["treated", "held_out"])), name="exposure_arm_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until_at__gt", models.F("exposed_at"))), name="exposure_has_window"
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
