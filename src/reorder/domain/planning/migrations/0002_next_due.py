"""Of each customer the product that is due first, and orders for lists of customers by value."""

import django.db.models.deletion
from django.db import migrations, models

# What the last night predicted is enough to fill the table: nobody has to wait for the next one.
FILL = """
INSERT INTO planning_nextdue (customer_id, run_id, subject, due_date, due_p10_date, due_p25_date, due_p75_date,
                              due_p90_date, active_share, remind_date, remind_hit_share, evidence)
SELECT DISTINCT ON (customer_id) customer_id, run_id, subject, due_date, due_p10_date, due_p25_date, due_p75_date,
       due_p90_date, active_share, remind_date, remind_hit_share, evidence
FROM planning_duedate
ORDER BY customer_id, active_share < 0.5, due_date, remind_hit_share DESC, subject;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_notes"), ("planning", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="NextDue",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="next_due",
                        serialize=False,
                        to="customers.customer",
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
                ("subject", models.TextField()),
                ("due_date", models.DateField()),
                ("due_p10_date", models.DateField()),
                ("due_p25_date", models.DateField()),
                ("due_p75_date", models.DateField()),
                ("due_p90_date", models.DateField()),
                ("active_share", models.FloatField()),
                ("remind_date", models.DateField()),
                ("remind_hit_share", models.FloatField()),
                ("evidence", models.CharField(max_length=12)),
            ],
            options={"indexes": [models.Index(fields=["due_date", "customer"], name="next_due_order")]},
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="customervalue", name="customer_segment"),
        migrations.AddIndex(
            model_name="customervalue",
            index=models.Index(fields=["expected_value", "customer"], name="customer_value_order"),
        ),
        migrations.AddIndex(
            model_name="customervalue",
            index=models.Index(fields=["segment", "expected_value", "customer"], name="customer_segment_order"),
        ),
    ]
