"""What campaigns are expected to bring."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("planning", "0010_late_parcels")]

    operations = []
