"""Templates, the content library and offers."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("marketing", "0004_campaigns")]

    operations = []
