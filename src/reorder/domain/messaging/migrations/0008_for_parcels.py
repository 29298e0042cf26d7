"""Marketing is paused by itself while a parcel is late; such a pause ends by itself too."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("messaging", "0007_approval")]

    operations = [
        migrations.AddField(
            model_name='marketingpause',
            name='cause',
            field=models.TextField(blank=True, db_default='', default='', help_text='Empty: a person; parcel: one is late.'),
        ),
        migrations.AddConstraint(
            model_name='marketingpause',
            constraint=models.CheckConstraint(condition=models.Q(('cause__in', ['', 'parcel'])), name='pause_cause_known'),
        ),
    ]
