"""Customers are found by what people type: one or two Chinese characters, the beginning of a word, the shop's key."""

from django.db import migrations

# Trigrams find nothing of a two-character name, and the server's text parsers know no Chinese. So a name is cut into
# words here: every character outside ASCII is one, and so is every run of ASCII letters and digits; tsvector finds
# their beginnings. Longer texts are cut: a lexeme has a greatest length, and nobody searches by the 200th character.
# `customers_text` is what a match is checked against, without spaces, because names are written with and without them.
# Each is one expression of what PostgreSQL brings, so that it can be put in line, and be computed under the narrow
# search path of index builds; the cost tells the planner that cutting a text anew is much dearer than looking it up.
# Normalising is slow, so ASCII is spared it.
MAKE = r"""
CREATE FUNCTION customers_text(name text, key text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 50 AS $$
    SELECT lower(replace(
        CASE WHEN octet_length(name) = length(name) THEN left(name, 200)
             ELSE left(normalize(left(name, 200), NFKC), 200) END || E'\n' ||
        CASE WHEN octet_length(key) = length(key) THEN left(key, 290)
             ELSE left(normalize(left(key, 290), NFKC), 290) END, ' ', ''))
$$;
CREATE FUNCTION customers_words(name text, key text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000
AS $$
    SELECT array_to_tsvector(array_remove(string_to_array(regexp_replace(regexp_replace(lower(
        CASE WHEN octet_length(name) = length(name) THEN left(name, 200)
             ELSE left(normalize(left(name, 200), NFKC), 200) END || ' ' ||
        CASE WHEN octet_length(key) = length(key) THEN left(key, 290)
             ELSE left(normalize(left(key, 290), NFKC), 290) END),
        '[\x01-\x2f\x3a-\x60\x7b-\x7f]+', ' ', 'g'), '([^\x01-\x7f])', ' \1 ', 'g'), ' '), ''))
$$;
CREATE INDEX customer_words ON customers_customer USING gin (customers_words(name, key));
"""
DROP = """
DROP INDEX customer_words;
DROP FUNCTION customers_words(text, text);
DROP FUNCTION customers_text(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_notes")]
    operations = [migrations.RunSQL(MAKE, DROP)]
