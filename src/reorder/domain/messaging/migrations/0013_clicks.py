"""Links and opens that are followed with consent."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("messaging", "0012_compliance")]

    operations = []
