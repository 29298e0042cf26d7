"""Links that let a customer into the portal once."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_addresses")]
    operations = []
