"""Visitors before they are known, and events by month."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("behaviour", "0001_initial")]

    operations = []
