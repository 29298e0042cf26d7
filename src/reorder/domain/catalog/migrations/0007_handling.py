"""0007_handling"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_fractions")]
    operations: list[object] = []
