"""Staged events, UNLOGGED as the other staging tables are."""

from django.db import migrations, models

CREATE = """
CREATE UNLOGGED TABLE channels_stagedevents (
    import_id bigint NOT NULL, row_number bigint NOT NULL, message_id text, customer_key text NOT NULL, email text,
    kind text NOT NULL, happened_at timestamptz NOT NULL, sku text, search_text text
);
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0004_uploaded_files")]
    operations = [
        migrations.RunSQL(CREATE, "DROP TABLE channels_stagedevents"),
        migrations.AlterField("importfile", "kind", models.TextField(help_text="orders, products, stock or events.")),
    ]
