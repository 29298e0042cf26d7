"""0006_waves"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("warehouse", "0005_layout")]
    operations: list[object] = []
