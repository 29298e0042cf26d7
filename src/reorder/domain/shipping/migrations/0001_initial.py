"""Carrier services, zones and rates."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_promises")]
    operations = []
