"""Staged products say how they are handled in parcels, and whose goods they are."""

from django.db import migrations

ADD = """
ALTER TABLE channels_stagedproducts
    ADD COLUMN IF NOT EXISTS is_upright boolean, ADD COLUMN IF NOT EXISTS is_fragile boolean,
    ADD COLUMN IF NOT EXISTS keep_apart text, ADD COLUMN IF NOT EXISTS goods_owner text;
"""
DROP = """
ALTER TABLE channels_stagedproducts
    DROP COLUMN is_upright, DROP COLUMN is_fragile, DROP COLUMN keep_apart, DROP COLUMN goods_owner;
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0006_webhooks")]
    operations = [migrations.RunSQL(ADD, DROP)]
