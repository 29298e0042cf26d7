"""What a place can do in a day, at what cost, and until which hour."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_promises")]
    operations = []
