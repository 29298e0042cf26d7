"""Where people want their parcels."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_merging")]
    operations = []
