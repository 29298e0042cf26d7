"""Single-use coupons in lots."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_goods_owner"), ("customers", "0007_find_by_phone")]

    operations = [
        migrations.CreateModel(
            name='Coupon',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='In upper case.', max_length=40, unique=True)),
                ('is_bound', models.BooleanField(db_default=False, default=False, help_text='Nobody else may use it.')),
                ('message_key', models.CharField(blank=True, help_text='The message that carries it: equal keys are one code.', max_length=64, null=True)),
                ('lot', models.TextField(blank=True, db_default='', default='', help_text='Of codes that were made together.')),
                ('issued_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('voided_at', models.DateTimeField(blank=True, null=True)),
                ('uses_count', models.SmallIntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.AddField(
            model_name='pricerule',
            name='is_issued',
            field=models.BooleanField(db_default=False, default=False, help_text='Terms of an offer: only codes of a single use name it.'),
        ),
        migrations.AddField(
            model_name='pricerule',
            name='margin_floor_share',
            field=models.DecimalField(blank=True, decimal_places=5, help_text='Of the price paid, what must stay above cost.', max_digits=6, null=True),
        ),
        migrations.AddConstraint(
            model_name='pricerule',
            constraint=models.CheckConstraint(condition=models.Q(('margin_floor_share__isnull', True), models.Q(('margin_floor_share__gte', 0), ('margin_floor_share__lt', 1)), _connector='OR'), name='price_rule_floor_is_share'),
        ),
        migrations.AddField(
            model_name='coupon',
            name='customer',
            field=models.ForeignKey(blank=True, db_index=False, help_text='For whom it was issued.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.customer'),
        ),
        migrations.AddField(
            model_name='coupon',
            name='rule',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='issued', to='orders.pricerule'),
        ),
        migrations.AddField(
            model_name='priceruleuse',
            name='coupon',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='orders.coupon'),
        ),
        migrations.AddIndex(
            model_name='coupon',
            index=models.Index(fields=['customer', 'rule'], name='coupon_of_customer'),
        ),
        migrations.AddIndex(
            model_name='coupon',
            index=models.Index(fields=['rule', 'lot', 'id'], name='coupon_of_lot'),
        ),
        migrations.AddConstraint(
            model_name='coupon',
            constraint=models.UniqueConstraint(fields=('rule', 'message_key'), name='coupon_once_a_message'),
        ),
        migrations.AddConstraint(
            model_name='coupon',
            constraint=models.CheckConstraint(condition=models.Q(('uses_count__gte', 0), ('uses_count__lte', 1)), name='coupon_used_once_at_most'),
        ),
    ]

