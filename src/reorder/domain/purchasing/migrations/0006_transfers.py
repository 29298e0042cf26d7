from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("purchasing", "0005_following"),
    ]

    operations = []
