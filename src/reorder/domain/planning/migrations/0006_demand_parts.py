import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0005_signals"),
    ]

    operations = [
        migrations.CreateModel(
            name="DemandGate",
            fields=[
                ("subject", models.TextField(primary_key=True, serialize=False)),
                (
                    "weight_share",
                    models.FloatField(help_text="How much of what bottom-up says beyond top-down counts; 0: nothing, at most 2."),
                ),
                ("scale", models.FloatField(help_text="Units sold a unit that known customers explained.")),
                ("origins_count", models.PositiveSmallIntegerField()),
                (
                    "top_down_error_share",
                    models.FloatField(help_text="Absolute error over units sold, of top-down alone."),
                ),
                (
                    "gated_error_share",
                    models.FloatField(help_text="The same with the weight that each origin would have had."),
                ),
                (
                    "chance_share",
                    models.FloatField(help_text="How likely so large a gain is by luck (one-sided paired test)."),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DemandRegion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(blank=True, db_default="", default="", max_length=2)),
                ("postcode_start", models.TextField(blank=True, db_default="", default="")),
                ("place_code", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="PartOrigin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of_date", models.DateField(help_text="The day on which it was said: facts before it only.")),
                ("subject", models.TextField()),
                ("horizon_days", models.PositiveSmallIntegerField()),
                ("top_down_units", models.FloatField(help_text="The forecast from past sales.")),
                (
                    "bottom_up_units",
                    models.FloatField(help_text="Chance times usual units over known customers, as it is."),
                ),
                (
                    "committed_units",
                    models.FloatField(db_default=0, default=0, help_text="Commitments known on that day."),
                ),
                ("sold_units", models.FloatField(null=True)),
                (
                    "smoothing_units",
                    models.FloatField(help_text="Simple exponential smoothing, to compare with.", null=True),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PartScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(choices=[("shop", "Shop"), ("category", "Category")], max_length=8)),
                ("key", models.TextField(blank=True, db_default="", default="")),
                ("horizon_days", models.PositiveSmallIntegerField()),
                ("part", models.TextField(help_text="smoothing, top_down, bottom_up, gated or plan.")),
                (
                    "error_share",
                    models.FloatField(help_text="WAPE: absolute error over units sold, subject by subject."),
                ),
                ("bias_share", models.FloatField()),
                ("sold_units", models.FloatField()),
                ("origins_count", models.PositiveSmallIntegerField()),
                ("subjects_count", models.IntegerField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="commitment",
            name="commitment_units_not_negative",
        ),
        migrations.AddField(
            model_name="commitment",
            name="deviation_units",
            field=models.FloatField(
                db_default=0,
                default=0,
                help_text="Standard deviation of the units; 0: certain. One key is wrong as one.",
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="realised_units",
            field=models.FloatField(blank=True, help_text="What it came to, once that is known.", null=True),
        ),
        migrations.AddField(
            model_name="demandplanday",
            name="committed_deviation_units",
            field=models.FloatField(db_default=0, default=0, help_text="Standard deviation of the committed units."),
        ),
        migrations.AddField(
            model_name="demandplanday",
            name="correction_units",
            field=models.FloatField(
                db_default=0, default=0, help_text="Part of the baseline by which the bottom-up gate moved it."
            ),
        ),
        migrations.AddField(
            model_name="demandplanday",
            name="event_units",
            field=models.FloatField(
                db_default=0, default=0, help_text="Part of the baseline that events and promotions add or take."
            ),
        ),
        migrations.AddField(
            model_name="demandweek",
            name="campaign_units",
            field=models.FloatField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="demandweek",
            name="committed_deviation_units",
            field=models.FloatField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="demandweek",
            name="correction_units",
            field=models.FloatField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="demandweek",
            name="event_units",
            field=models.FloatField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="demandweek",
            name="pre_order_units",
            field=models.FloatField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="demandweek",
            name="price_change_units",
            field=models.FloatField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="demandweek",
            name="recurring_order_units",
            field=models.FloatField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="demandweek",
            name="reminder_units",
            field=models.FloatField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="forecast",
            name="event_units",
            field=models.FloatField(
                db_default=0, default=0, help_text="Part of the mean that known events and promotions add or take."
            ),
        ),
        migrations.AlterField(
            model_name="commitment",
            name="units",
            field=models.FloatField(
                help_text="Selling units expected; negative only for an adjustment or a price change."
            ),
        ),
        migrations.AlterField(
            model_name="demandweek",
            name="committed_units",
            field=models.FloatField(db_default=0, default=0, help_text="The five kinds that follow, together."),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["adjustment", "price_change"]), ("units__gte", 0), _connector="OR"),
                name="commitment_units_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(("deviation_units__gte", 0)), name="commitment_deviation_not_negative"
            ),
        ),
        migrations.AddField(
            model_name="demandgate",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="planning.run",
            ),
        ),
        migrations.AddConstraint(
            model_name="demandregion",
            constraint=models.UniqueConstraint(fields=("country", "postcode_start"), name="demand_region_once"),
        ),
        migrations.AddConstraint(
            model_name="demandregion",
            constraint=models.CheckConstraint(
                condition=models.Q(("place_code", ""), _negated=True), name="demand_region_has_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="partorigin",
            constraint=models.UniqueConstraint(
                fields=("as_of_date", "horizon_days", "subject"), name="part_origin_once"
            ),
        ),
        migrations.AddField(
            model_name="partscore",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="planning.run",
            ),
        ),
        migrations.AddConstraint(
            model_name="demandgate",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight_share__gte", 0), ("weight_share__lte", 2)),
                name="demand_gate_weight_bounded",
            ),
        ),
        migrations.AddConstraint(
            model_name="partscore",
            constraint=models.UniqueConstraint(fields=("scope", "key", "horizon_days", "part"), name="part_score_once"),
        ),
    ]
