"""Channel accounts, quotas and what providers tell."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("messaging", "0009_sources_and_events")]

    operations = []
