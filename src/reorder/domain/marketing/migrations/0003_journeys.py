"""Journeys, their versions, and who is where in them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("marketing", "0002_segments")]

    operations = []
