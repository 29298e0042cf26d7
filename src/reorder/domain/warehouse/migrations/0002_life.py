"""What the life of a fulfilment order adds."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("warehouse", "0001_initial")]
    operations = []
