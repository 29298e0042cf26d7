"""Double opt-in, suppressions and preferences."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("messaging", "0011_pauses")]

    operations = []
