"""Campaigns, and messages that wait for their hour."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("marketing", "0003_journeys")]

    operations = []
