"""0010_team"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("warehouse", "0009_returns")]
    operations: list[object] = []
