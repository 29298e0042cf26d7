"""Tags and attributes of a person."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_find_by_phone")]

    operations = [
        migrations.CreateModel(
            name='CustomerAttribute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('value', models.TextField()),
                ('set_by', models.TextField()),
                ('set_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='attributes', to='customers.customer')),
            ],
            options={
                'indexes': [models.Index(fields=['name', 'customer'], name='customer_attribute_of')],
                'constraints': [models.UniqueConstraint(fields=('customer', 'name'), name='customer_attribute_once'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('value', ''), _negated=True)), name='customer_attribute_given')],
            },
        ),
        migrations.CreateModel(
            name='CustomerTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tag', models.CharField(max_length=60)),
                ('added_by', models.TextField(help_text="Somebody's name, token:…, or segment:CODE for a tag that a segment gives.")),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='customers.customer')),
            ],
            options={
                'indexes': [models.Index(fields=['tag', 'customer'], name='customer_tag_of')],
                'constraints': [models.UniqueConstraint(fields=('customer', 'tag'), name='customer_tag_once'), models.CheckConstraint(condition=models.Q(('tag', ''), _negated=True), name='customer_tag_not_empty')],
            },
        ),
    ]
