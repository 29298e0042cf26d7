"""Where our webhooks go, and every delivery."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("channels", "0005_staged_events")]
    operations = []
