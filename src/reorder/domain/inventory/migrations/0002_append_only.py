"""The stock ledger is append-only in the database itself."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION inventory_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the stock ledger is append-only: correct it by a counter-move' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER move_append_only BEFORE UPDATE OR DELETE ON inventory_move
    FOR EACH ROW EXECUTE FUNCTION inventory_refuse_change();
"""
ALLOW = "DROP TRIGGER move_append_only ON inventory_move; DROP FUNCTION inventory_refuse_change();"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
