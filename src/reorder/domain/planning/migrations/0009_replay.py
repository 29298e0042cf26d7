import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_units_of_measure"),
        ("planning", "0008_alerts"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReplayNight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of_date", models.DateField()),
                ("horizon_days", models.PositiveSmallIntegerField()),
                ("made_at", models.DateTimeField()),
                ("figures", models.JSONField(default=dict)),
                ("targets", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("as_of_date", "horizon_days"), name="replay_night_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportDay",
            fields=[
                ("as_of_date", models.DateField(primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
                ("content", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="ServiceCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.TextField()),
                ("place_code", models.TextField()),
                ("origin_date", models.DateField()),
                ("service_level", models.FloatField()),
                ("reorder_point_units", models.FloatField()),
                ("span_days", models.PositiveSmallIntegerField()),
                ("demand_units", models.FloatField()),
                ("lost_unit_cost", models.FloatField(help_text="In major units of the shop's currency.")),
            ],
            options={
                "indexes": [models.Index(fields=["subject", "place_code"], name="service_check_subject")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("origin_date", "subject", "place_code"), name="service_check_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StockFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place_code", models.TextField()),
                ("on_hand_units", models.FloatField()),
                ("value_minor", models.BigIntegerField(null=True)),
                ("sold_90_units", models.FloatField(help_text="Units sold in the 90 days before the night.")),
                (
                    "mean_on_hand_units",
                    models.FloatField(help_text="Mean stock of those days, or since the product came."),
                ),
                ("mean_days", models.FloatField(help_text="How many days that mean is of.")),
                (
                    "turns",
                    models.FloatField(help_text="Units sold a year over mean stock; empty without stock.", null=True),
                ),
                ("cover_days", models.FloatField(help_text="Empty where nothing is expected to sell.", null=True)),
                ("abc", models.CharField(blank=True, db_default="", default="", max_length=1)),
                ("xyz", models.CharField(blank=True, db_default="", default="", max_length=1)),
                ("oldest_days", models.PositiveIntegerField(null=True)),
                (
                    "young_minor",
                    models.BigIntegerField(db_default=0, default=0, help_text="Value that came 30 days ago or later."),
                ),
                ("middle_minor", models.BigIntegerField(db_default=0, default=0, help_text="31 to 90 days.")),
                ("aged_minor", models.BigIntegerField(db_default=0, default=0, help_text="91 to 180 days.")),
                ("old_minor", models.BigIntegerField(db_default=0, default=0, help_text="More than 180 days.")),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
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
                "indexes": [models.Index(fields=["-value_minor", "id"], name="stock_figure_by_value")],
                "constraints": [
                    models.UniqueConstraint(fields=("product", "place_code"), name="stock_figure_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.TextField()),
                ("place_code", models.TextField()),
                ("checks_count", models.PositiveSmallIntegerField()),
                (
                    "held_count",
                    models.PositiveSmallIntegerField(
                        help_text="Checks in which demand stayed within the reorder point."
                    ),
                ),
                (
                    "promised_share",
                    models.FloatField(help_text="Mean of the service levels that the targets aimed at."),
                ),
                (
                    "short_units",
                    models.FloatField(help_text="Demand beyond the reorder point, all checks together."),
                ),
                (
                    "risk_minor",
                    models.BigIntegerField(help_text="The same at what a lost sale costs, in the shop's currency."),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-risk_minor", "id"], name="service_figure_by_risk")],
                "constraints": [
                    models.UniqueConstraint(fields=("subject", "place_code"), name="service_figure_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceWeek",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("origin_date", models.DateField()),
                ("place_code", models.TextField()),
                ("series_count", models.PositiveIntegerField()),
                ("held_count", models.PositiveIntegerField()),
                (
                    "promised_sum",
                    models.FloatField(help_text="Sum of the service levels aimed at: what was expected to hold."),
                ),
                ("risk_minor", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("origin_date", "place_code"), name="service_week_once")
                ],
            },
        ),
    ]
