"""Several causes may pause marketing side by side."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("messaging", "0010_accounts")]

    operations = []
