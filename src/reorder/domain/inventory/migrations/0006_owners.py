"""0006_owners"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0005_reserves")]
    operations: list[object] = []
