"""Links and opens that are followed with consent: a purpose of its own that people agree to."""

from django.db import migrations, models

_PURPOSES = [
    ("marketing", "Marketing"),
    ("transactional", "Transactional"),
    ("supplier", "Supplier"),
    ("analytics", "Analytics"),
]


class Migration(migrations.Migration):
    dependencies = [("messaging", "0012_compliance")]

    operations = [
        migrations.AlterField(
            model_name="consententry", name="purpose", field=models.CharField(choices=_PURPOSES, max_length=16)
        ),
        migrations.AlterField(
            model_name="outboxmessage", name="purpose", field=models.CharField(choices=_PURPOSES, max_length=16)
        ),
    ]
