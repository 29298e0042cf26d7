"""What comparisons taught."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("planning", "0011_campaigns")]

    operations = []
