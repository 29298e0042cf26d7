"""0008_for_parcels"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("messaging", "0007_approval")]
    operations: list[object] = []
