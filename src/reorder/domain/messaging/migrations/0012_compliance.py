"""Double opt-in, topics and preferences, suppressed addresses, the shop's rules of compliance."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# Both ledgers of declarations are append-only; erasing a person may empty what proves it, and nothing else.
GUARD = """
CREATE OR REPLACE FUNCTION messaging_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND customers_only_erases(to_jsonb(OLD), to_jsonb(NEW), ARRAY['proof']) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the consent ledger is append-only: record a new declaration' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER topic_append_only BEFORE UPDATE OR DELETE ON messaging_topicentry
    FOR EACH ROW EXECUTE FUNCTION messaging_refuse_change();
"""
LET_GO = """
DROP TRIGGER topic_append_only ON messaging_topicentry;
CREATE OR REPLACE FUNCTION messaging_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the consent ledger is append-only: record a new declaration' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0009_privacy"), ("messaging", "0011_pauses")]

    operations = [
        migrations.CreateModel(
            name="CompliancePolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "postal_address",
                    models.TextField(blank=True, db_default="", default="", help_text="Stands in each marketing mail."),
                ),
                ("has_double_opt_in", models.BooleanField(db_default=True, default=True)),
                ("minimum_age", models.PositiveSmallIntegerField(db_default=0, default=0, help_text="0: none.")),
                (
                    "asks_unknown_age",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Somebody whose birthday nobody knows counts as too young.",
                    ),
                ),
                ("adult_years", models.PositiveSmallIntegerField(db_default=18, default=18)),
                (
                    "adult_categories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        db_default=[],
                        default=list,
                        help_text="Only for people of adult_years and more.",
                        size=None,
                    ),
                ),
                ("sensitive_needs_consent", models.BooleanField(db_default=True, default=True)),
                (
                    "quiet_hours",
                    models.JSONField(db_default={}, default=dict, help_text="By country: [from, until], * for others."),
                ),
                (
                    "kept_days",
                    models.JSONField(db_default={}, default=dict, help_text="Days that kinds of facts are kept."),
                ),
                (
                    "dkim_selectors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, db_default=[], default=list, size=None
                    ),
                ),
                ("decided_by", models.TextField()),
                ("decided_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "compliance policies",
            },
        ),
        migrations.CreateModel(
            name="ConsentText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(help_text="signup, notice", max_length=12)),
                ("language", models.CharField(max_length=8)),
                ("version", models.CharField(max_length=32)),
                ("text", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("made_by", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "language", "version"), name="consent_text_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["signup", "notice"])), name="consent_text_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="consent_text_not_empty"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=16)),
                ("address_hash", models.CharField(max_length=64)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("erased", "Erased"),
                            ("complained", "Complained"),
                            ("bounced", "Bounced"),
                            ("by_person", "By Person"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "note",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="For colleagues; no name, no address."
                    ),
                ),
                ("suppressed_at", models.DateTimeField()),
                ("suppressed_by", models.TextField(blank=True, db_default="", default="")),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("lifted_by", models.TextField(blank=True, db_default="", default="")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("channel", "address_hash"), name="suppression_once"),
                    models.CheckConstraint(
                        condition=models.Q(("cause__in", ["erased", "complained", "bounced", "by_person"])),
                        name="suppression_cause_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32, unique=True)),
                ("name", models.TextField()),
                (
                    "name_zh",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Traditional Chinese; empty: as name."
                    ),
                ),
                ("words", models.TextField(blank=True, db_default="", default="")),
                ("words_zh", models.TextField(blank=True, db_default="", default="")),
                (
                    "sources",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        db_default=[],
                        default=list,
                        help_text="source_kind:source_key, * as the end.",
                        size=None,
                    ),
                ),
                (
                    "category_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        db_default=[],
                        default=list,
                        help_text="What is about these goods belongs to it.",
                        size=None,
                    ),
                ),
                (
                    "needs_explicit",
                    models.BooleanField(db_default=False, default=False, help_text="Silence about it is a no."),
                ),
                ("position", models.SmallIntegerField(db_default=0, default=0)),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                ("changed_by", models.TextField(blank=True, db_default="", default="")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code", ""), _negated=True), models.Q(("name", ""), _negated=True)
                        ),
                        name="topic_has_name",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactPreference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "messages_per_week",
                    models.PositiveSmallIntegerField(blank=True, help_text="Empty: the shop's cap.", null=True),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_preference",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("messages_per_week__isnull", True), ("messages_per_week__range", (1, 7)), _connector="OR"
                        ),
                        name="contact_preference_range",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PendingConsent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("secret_hash", models.CharField(max_length=64, unique=True)),
                ("channel", models.CharField(db_default="email", default="email", max_length=16)),
                ("address", models.TextField(help_text="In lower case; emptied when it is over.")),
                ("name", models.TextField(blank=True, db_default="", default="")),
                ("language", models.CharField(blank=True, db_default="", default="", max_length=8)),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        db_default=[],
                        default=list,
                        help_text="Empty: all.",
                        size=None,
                    ),
                ),
                ("text_version", models.TextField(blank=True, db_default="", default="")),
                ("source", models.TextField(help_text="Where it was asked: page, form, system.")),
                (
                    "client",
                    models.TextField(blank=True, db_default="", default="", help_text="Network address of who asked."),
                ),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pending_consents",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="pending_consent_end")],
            },
        ),
        migrations.CreateModel(
            name="TopicEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("topic", models.CharField(max_length=32)),
                ("is_wanted", models.BooleanField()),
                ("source", models.TextField()),
                ("text_version", models.TextField(blank=True, db_default="", default="")),
                ("proof", models.TextField(blank=True, db_default="", default="")),
                ("declared_at", models.DateTimeField()),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("idempotency_key", models.CharField(max_length=64, unique=True)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="topic_entries",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "topic entries",
                "indexes": [models.Index(fields=["customer", "topic", "-declared_at", "-id"], name="topic_latest")],
            },
        ),
        migrations.RunSQL(GUARD, LET_GO),
    ]
