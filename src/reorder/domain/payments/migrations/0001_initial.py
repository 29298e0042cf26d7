"""Payments with their entries and refunds, and store credit; money moves are append-only."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION payments_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'money moves are append-only: correct them by a counter-move' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER payment_entry_append_only BEFORE UPDATE OR DELETE ON payments_paymententry
    FOR EACH ROW EXECUTE FUNCTION payments_refuse_change();
CREATE TRIGGER credit_move_append_only BEFORE UPDATE OR DELETE ON payments_creditmove
    FOR EACH ROW EXECUTE FUNCTION payments_refuse_change();
"""
ALLOW = """
DROP TRIGGER credit_move_append_only ON payments_creditmove;
DROP TRIGGER payment_entry_append_only ON payments_paymententry;
DROP FUNCTION payments_refuse_change();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("orders", "0003_life"), ("customers", "0005_addresses")]
    operations = [
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.TextField(help_text='manual, bank_transfer, cash_on_delivery, store_credit …')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('owed', 'Owed'), ('part_paid', 'Part Paid'), ('paid', 'Paid'), ('ended', 'Ended')], max_length=9)),
                ('currency', models.CharField(max_length=3)),
                ('amount_minor', models.BigIntegerField(help_text='What is asked for.')),
                ('received_minor', models.BigIntegerField(db_default=0, default=0)),
                ('refunded_minor', models.BigIntegerField(db_default=0, default=0)),
                ('reference', models.TextField(help_text='What the customer names when paying.', unique=True)),
                ('asked_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('idempotency_key', models.CharField(max_length=64, unique=True)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='orders.order')),
            ],
        ),
        migrations.CreateModel(
            name='PaymentEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('receipt', 'Receipt'), ('refund', 'Refund')], max_length=7)),
                ('amount_minor', models.BigIntegerField()),
                ('happened_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('actor', models.TextField()),
                ('note', models.TextField(blank=True, db_default='', default='', help_text='For example the last digits of the account.')),
                ('idempotency_key', models.CharField(max_length=64, unique=True)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='payments.payment')),
            ],
            options={
                'verbose_name_plural': 'payment entries',
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_minor', models.BigIntegerField()),
                ('way', models.CharField(choices=[('original', 'Original'), ('store_credit', 'Store Credit')], max_length=12)),
                ('state', models.CharField(choices=[('owed', 'Owed'), ('sent', 'Sent')], max_length=4)),
                ('reason', models.TextField(blank=True, db_default='', default='')),
                ('asked_at', models.DateTimeField()),
                ('asked_by', models.TextField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('sent_by', models.TextField(blank=True, db_default='', default='')),
                ('idempotency_key', models.CharField(max_length=64, unique=True)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='payments.payment')),
            ],
        ),
        migrations.CreateModel(
            name='CreditBalance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('balance_minor', models.BigIntegerField(db_default=0, default=0)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('customer', 'currency'), name='credit_balance_once'), models.CheckConstraint(condition=models.Q(('balance_minor__gte', 0)), name='credit_balance_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='CreditMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('kind', models.CharField(choices=[('given', 'Given'), ('refunded', 'Refunded'), ('spent', 'Spent'), ('taken_back', 'Taken Back'), ('merged', 'Merged')], max_length=10)),
                ('amount_minor', models.BigIntegerField()),
                ('cause_kind', models.TextField(help_text='order, refund, staff, merge')),
                ('cause_key', models.TextField(blank=True, db_default='', default='')),
                ('reason', models.TextField(blank=True, db_default='', default='')),
                ('actor', models.TextField()),
                ('happened_at', models.DateTimeField()),
                ('idempotency_key', models.CharField(max_length=64, unique=True)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
            ],
            options={
                'indexes': [models.Index(fields=['customer', 'id'], name='credit_move_of_customer')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor', 0), _negated=True), name='credit_move_not_zero'), models.CheckConstraint(condition=models.Q(('kind__in', ['given', 'refunded', 'spent', 'taken_back', 'merged'])), name='credit_move_kind_known')],
            },
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('expires_at__isnull', False), ('state__in', ['waiting', 'part_paid'])), fields=['expires_at'], name='payment_expiring'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('state__in', ['waiting', 'owed', 'part_paid'])), fields=['-id'], name='payment_open'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'owed', 'part_paid'])), fields=('order',), name='payment_open_once'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'owed', 'part_paid', 'paid', 'ended'])), name='payment_state_known'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='payment_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('refunded_minor__gte', 0), ('received_minor__gte', models.F('refunded_minor'))), name='payment_refunds_within_receipts'),
        ),
        migrations.AddConstraint(
            model_name='paymententry',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='payment_entry_positive'),
        ),
        migrations.AddConstraint(
            model_name='paymententry',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['receipt', 'refund'])), name='payment_entry_kind_known'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(condition=models.Q(('state', 'owed')), fields=['id'], name='refund_owed'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='refund_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('way__in', ['original', 'store_credit'])), name='refund_way_known'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', True), ('state', 'owed')), models.Q(('sent_at__isnull', False), ('state', 'sent')), _connector='OR'), name='refund_sent_at_a_moment'),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
