"""Requests of people about their data; and the one way in which append-only tables let personal words go."""

import django.db.models.deletion
from django.db import migrations, models

# True for a change that empties some columns and nothing else, within a transaction that erases a person. The triggers
# of append-only tables ask it.
ONLY_ERASES = """
CREATE FUNCTION customers_only_erases(before jsonb, after jsonb, names text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('reorder.erasing', true), '') = 'on' AND before - names = after - names
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_profile")]

    operations = [
        migrations.RunSQL(ONLY_ERASES, "DROP FUNCTION customers_only_erases(jsonb, jsonb, text[]);"),
        migrations.CreateModel(
            name="PrivacyRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("export", "Export"), ("erase", "Erase")], max_length=8)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("done", "Done"), ("refused", "Refused")],
                        db_default="open",
                        default="open",
                        max_length=8,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("due_date", models.DateField()),
                ("asked_by", models.TextField(help_text="The staff's user name, a token, or customer.")),
                (
                    "how_known",
                    models.TextField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="How the person was recognised; no name, no address.",
                    ),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("done_by", models.TextField(blank=True, db_default="", default="")),
                ("answer", models.TextField(blank=True, db_default="", default="", help_text="Why it was refused.")),
                (
                    "counts",
                    models.JSONField(
                        db_default={}, default=dict, help_text="Rows by table that were deleted or emptied."
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="privacy_requests",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "open")), fields=["due_date"], name="privacy_request_due")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("customer", "kind"),
                        name="privacy_request_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["export", "erase"])), name="privacy_request_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", True), ("state", "open")),
                            models.Q(("done_at__isnull", False), ("state__in", ["done", "refused"])),
                            _connector="OR",
                        ),
                        name="privacy_request_end",
                    ),
                ],
            },
        ),
    ]
