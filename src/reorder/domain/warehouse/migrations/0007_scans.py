"""0007_scans"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("warehouse", "0006_waves")]
    operations: list[object] = []
