"""Alerts, the plan of past weeks that drift is measured by, and who is told."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0007_policies"),
        ("staff", "0004_audit_by_action"),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("below_safety_stock", "Below Safety Stock"),
                            ("runs_out", "Runs Out"),
                            ("excess", "Excess"),
                            ("dead_stock", "Dead Stock"),
                            ("expiring", "Expiring"),
                            ("late_order", "Late Order"),
                            ("unconfirmed_order", "Unconfirmed Order"),
                            ("forecast_drift", "Forecast Drift"),
                            ("bad_data", "Bad Data"),
                        ],
                        max_length=20,
                    ),
                ),
                ("key", models.TextField(help_text="What it is about within its kind; with the kind it is open once.")),
                (
                    "subject",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="SKU or category; empty: no product."
                    ),
                ),
                (
                    "place_code",
                    models.TextField(blank=True, db_default="", default="", help_text="Empty: the whole shop."),
                ),
                ("supplier_code", models.TextField(blank=True, db_default="", default="")),
                (
                    "order_number",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="The purchase order it is about."
                    ),
                ),
                ("severity", models.PositiveSmallIntegerField(choices=[(1, "Info"), (2, "Warning"), (3, "Critical")])),
                (
                    "stake_minor",
                    models.BigIntegerField(db_default=0, default=0, help_text="Money at stake, an estimate."),
                ),
                ("currency", models.CharField(max_length=3)),
                ("probability", models.FloatField(null=True)),
                ("reason_code", models.TextField()),
                ("reason_parameters", models.JSONField(default=dict)),
                (
                    "run_key",
                    models.BigIntegerField(
                        help_text="The night that saw it last; empty: seen between nights.", null=True
                    ),
                ),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                (
                    "critical_at",
                    models.DateTimeField(help_text="When it became critical; empty: it is not.", null=True),
                ),
                ("reopened_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("resolved_at", models.DateTimeField(null=True)),
                ("snoozed_until", models.DateTimeField(null=True)),
                ("snoozed_by", models.TextField(blank=True, db_default="", default="")),
                ("snooze_note", models.TextField(blank=True, db_default="", default="")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("resolved_at__isnull", True)),
                        fields=["-stake_minor", "-id"],
                        name="alert_open_by_stake",
                    ),
                    models.Index(fields=["-resolved_at", "-id"], name="alert_by_end"),
                    models.Index(fields=["kind", "key", "-id"], name="alert_history"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("resolved_at__isnull", True)),
                        fields=("kind", "key"),
                        name="alert_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("probability__isnull", True),
                            models.Q(("probability__gte", 0), ("probability__lte", 1)),
                            _connector="OR",
                        ),
                        name="alert_probability_is_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", [1, 2, 3])), name="alert_severity_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertSubscription",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("by_mail", models.BooleanField(db_default=False, default=False)),
                ("by_line", models.BooleanField(db_default=False, default=False)),
                (
                    "line_user_id",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="As LINE names the person to us."
                    ),
                ),
                (
                    "daily_hour",
                    models.PositiveSmallIntegerField(
                        help_text="On the shop's clock; empty: no daily digest.", null=True
                    ),
                ),
                ("is_urgent", models.BooleanField(db_default=False, default=False, help_text="Critical ones at once.")),
                (
                    "daily_told_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        help_text="The daily digest has told what came before.",
                    ),
                ),
                (
                    "urgent_told_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), help_text="So has the last urgent one."
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("daily_hour__isnull", True), ("daily_hour__lte", 23), _connector="OR"),
                        name="alert_hour_of_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("by_line", False), models.Q(("line_user_id", ""), _negated=True), _connector="OR"
                        ),
                        name="alert_line_has_id",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlannedWeek",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.TextField()),
                ("place_code", models.TextField()),
                ("date", models.DateField(help_text="The first of its seven days.")),
                ("mean_units", models.FloatField()),
                ("deviation_units", models.FloatField(help_text="As the plan's own band says.")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("date", "subject", "place_code"), name="planned_week_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertDigest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("idempotency_key", models.CharField(max_length=64, unique=True)),
                ("way", models.CharField(choices=[("mail", "mail"), ("line", "line")], max_length=8)),
                ("kind", models.CharField(choices=[("daily", "daily"), ("urgent", "urgent")], max_length=8)),
                ("address", models.TextField()),
                ("body_text", models.TextField()),
                ("alerts_count", models.PositiveIntegerField()),
                ("retry_key", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("handed_over", "Handed Over"),
                        ],
                        db_default="planned",
                        default="planned",
                        max_length=12,
                    ),
                ),
                ("attempts_count", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("planned_at", models.DateTimeField()),
                ("send_after", models.DateTimeField()),
                ("sending_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True, db_default="", default="")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["planned", "sending"])),
                        fields=["send_after"],
                        name="alert_digest_waiting",
                    ),
                    models.Index(fields=["user", "-id"], name="alert_digest_of_user"),
                ],
            },
        ),
    ]
