import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.math
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('purchasing', '0003_decisions'),
        ('catalog', '0005_units_of_measure'),
        ('channels', '0005_staged_events'),
    ]

    operations = [
        migrations.CreateModel(
            name='AutomaticCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run_key', models.BigIntegerField(help_text='The night whose proposals were looked at.')),
                ('checked_at', models.DateTimeField()),
                ('outcome_code', models.TextField(help_text='A reason code: ordered, ordered in part, or what stood against it.')),
                ('outcome_parameters', models.JSONField(default=dict)),
                ('ordered_numbers', models.JSONField(default=list)),
                ('left', models.JSONField(default=list, help_text='Lines left to a person: proposal, SKU, place, code, parameters.')),
            ],
        ),
        migrations.CreateModel(
            name='BuyingPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('approval_limit_minor', models.BigIntegerField(blank=True, help_text="In the shop's currency: an order above it waits for a second person; empty: none.", null=True)),
                ('is_automatic_stopped', models.BooleanField(default=False, help_text='The kill switch: nothing is ordered by itself.')),
                ('usual_ratio', models.FloatField(default=3.0, help_text='More than so many times the usual order asks for a person.')),
                ('note', models.TextField(blank=True, db_default='', default='')),
                ('decided_by', models.TextField()),
                ('decided_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='SupplierClosing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_date', models.DateField()),
                ('last_date', models.DateField()),
                ('note', models.TextField(blank=True, db_default='', default='')),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='purchaseorder',
            name='purchase_order_state_known',
        ),
        migrations.AddField(
            model_name='offer',
            name='order_unit',
            field=models.TextField(blank=True, db_default='', default='', help_text='Empty: the selling unit.'),
        ),
        migrations.AddField(
            model_name='offer',
            name='order_unit_cost_minor',
            field=models.BigIntegerField(blank=True, help_text='Price of one order unit; empty: priced by the selling unit.', null=True),
        ),
        migrations.AddField(
            model_name='offer',
            name='order_unit_units',
            field=models.DecimalField(db_default=1, decimal_places=3, default=1, max_digits=12),
        ),
        migrations.AddField(
            model_name='proposal',
            name='basis',
            field=models.JSONField(
                db_default={}, default=dict, help_text='Numbers of the target that it rests on: tells later what has changed.'
            ),
        ),
        migrations.AddField(
            model_name='proposal',
            name='order_unit_cost_minor',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='proposal',
            name='order_unit_units',
            field=models.DecimalField(db_default=1, decimal_places=3, default=1, max_digits=12),
        ),
        migrations.AddField(
            model_name='purchaseorderline',
            name='order_unit_cost_minor',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='purchaseorderline',
            name='order_unit_units',
            field=models.DecimalField(db_default=1, decimal_places=3, default=1, max_digits=12),
        ),
        migrations.AddField(
            model_name='proposal',
            name='order_unit',
            field=models.TextField(blank=True, db_default='', default='', help_text='Empty: the selling unit.'),
        ),
        migrations.AddField(
            model_name='purchaseorder',
            name='limit_minor',
            field=models.BigIntegerField(blank=True, help_text='The limit that it exceeded.', null=True),
        ),
        migrations.AddField(
            model_name='purchaseorder',
            name='requested_at',
            field=models.DateTimeField(blank=True, help_text='When the first person asked; empty: at once.', null=True),
        ),
        migrations.AddField(
            model_name='purchaseorder',
            name='second_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='purchaseorder',
            name='second_by',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='purchaseorder',
            name='second_reason',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='purchaseorderline',
            name='order_unit',
            field=models.TextField(blank=True, db_default='', default='', help_text='Empty: the selling unit.'),
        ),
        migrations.AddField(
            model_name='supplier',
            name='automatic_limit_minor',
            field=models.BigIntegerField(blank=True, help_text='Proposals up to this value together are ordered by themselves; empty: never.', null=True),
        ),
        migrations.AddField(
            model_name='supplier',
            name='country',
            field=models.CharField(blank=True, db_default='', default='', help_text='Its public holidays are closing days; empty: none.', max_length=2),
        ),
        migrations.AddField(
            model_name='supplier',
            name='counts_working_days',
            field=models.BooleanField(db_default=False, default=False, help_text="Lead days are the supplier's working days, not days of the calendar."),
        ),
        migrations.AddField(
            model_name='supplier',
            name='cut_off',
            field=models.TimeField(blank=True, help_text="In the shop's time zone: from then on the next order day counts.", null=True),
        ),
        migrations.AddField(
            model_name='supplier',
            name='delivery_weekdays',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, help_text='ISO weekdays; empty: any day.', null=True, size=None),
        ),
        migrations.AlterField(
            model_name='purchaseorder',
            name='state',
            field=models.CharField(choices=[('awaiting_approval', 'Awaiting Approval'), ('refused', 'Refused'), ('placed', 'Placed'), ('partly_received', 'Partly Received'), ('received', 'Received'), ('cancelled', 'Cancelled')], db_default='placed', default='placed', max_length=20),
        ),
        migrations.AddIndex(
            model_name='purchaseorder',
            index=models.Index(condition=models.Q(('state', 'awaiting_approval')), fields=['id'], name='purchase_order_awaiting'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('order_unit_units__gt', 0)), name='offer_order_unit_positive'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('order_unit_cost_minor__isnull', True), ('order_unit_cost_minor__gte', 0), _connector='OR'), name='offer_order_unit_cost_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='purchaseorder',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['awaiting_approval', 'refused', 'placed', 'partly_received', 'received', 'cancelled'])), name='purchase_order_state_known'),
        ),
        migrations.AddConstraint(
            model_name='purchaseorder',
            constraint=models.CheckConstraint(condition=models.Q(('second_by', ''), models.Q(('second_by', models.F('placed_by')), _negated=True), _connector='OR'), name='purchase_order_second_is_another'),
        ),
        migrations.AddConstraint(
            model_name='supplier',
            constraint=models.CheckConstraint(condition=models.Q(('automatic_limit_minor__isnull', True), ('automatic_limit_minor__gt', 0), _connector='OR'), name='supplier_automatic_limit_positive'),
        ),
        migrations.AddField(
            model_name='automaticcheck',
            name='supplier',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='automatic_checks', to='purchasing.supplier'),
        ),
        migrations.AddConstraint(
            model_name='buyingpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('approval_limit_minor__isnull', True), ('approval_limit_minor__gte', 0), _connector='OR'), name='buying_policy_limit_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='buyingpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('usual_ratio__gte', 1)), name='buying_policy_ratio_from_one'),
        ),
        migrations.AddField(
            model_name='supplierclosing',
            name='supplier',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='closings', to='purchasing.supplier'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='cost_minor',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(django.db.models.functions.math.Round(django.db.models.functions.comparison.Coalesce(models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('units'), '*', models.F('order_unit_cost_minor')), '/', models.F('order_unit_units')), output_field=models.DecimalField(decimal_places=10, max_digits=40)), models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(models.F('units'), '*', models.F('unit_cost_minor')), output_field=models.DecimalField(decimal_places=10, max_digits=40)), output_field=models.DecimalField(decimal_places=10, max_digits=40))), models.BigIntegerField()), output_field=models.BigIntegerField()),
        ),
        migrations.AddField(
            model_name='purchaseorderline',
            name='cost_minor',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(django.db.models.functions.math.Round(django.db.models.functions.comparison.Coalesce(models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('ordered_units'), '*', models.F('order_unit_cost_minor')), '/', models.F('order_unit_units')), output_field=models.DecimalField(decimal_places=10, max_digits=40)), models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(models.F('ordered_units'), '*', models.F('unit_cost_minor')), output_field=models.DecimalField(decimal_places=10, max_digits=40)), output_field=models.DecimalField(decimal_places=10, max_digits=40))), models.BigIntegerField()), output_field=models.BigIntegerField()),
        ),
        migrations.AddIndex(
            model_name='automaticcheck',
            index=models.Index(fields=['-run_key', 'supplier'], name='automatic_check_newest'),
        ),
        migrations.AddConstraint(
            model_name='automaticcheck',
            constraint=models.UniqueConstraint(fields=('run_key', 'supplier'), name='automatic_check_once'),
        ),
        migrations.AddConstraint(
            model_name='supplierclosing',
            constraint=models.UniqueConstraint(fields=('supplier', 'first_date', 'last_date'), name='supplier_closing_once'),
        ),
        migrations.AddConstraint(
            model_name='supplierclosing',
            constraint=models.CheckConstraint(condition=models.Q(('last_date__gte', models.F('first_date'))), name='supplier_closing_in_order'),
        ),
        # Rows of product files carry the unit that an offer is bought in.
        migrations.RunSQL(
            "ALTER TABLE channels_stagedproducts ADD COLUMN order_unit text, ADD COLUMN order_unit_milli bigint, "
            "ADD COLUMN order_unit_cost_minor bigint",
            "ALTER TABLE channels_stagedproducts DROP COLUMN order_unit, DROP COLUMN order_unit_milli, "
            "DROP COLUMN order_unit_cost_minor",
        ),
    ]
