"""What compiling rules is made of: bound values, and each source of facts once however many conditions read it. Pure.

A source is a SELECT with one row a customer. It says `{within}` behind its column of customers, so that the same rules
are held against everybody, a stretch of ids, or a few.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from reorder.domain.marketing.segment_rules import Condition

Scope = Literal["all", "stretch", "given", "sample"]
WITHIN: Final[Mapping[str, str]] = {
    "all": "IS NOT NULL",
    "stretch": "BETWEEN %(low_id)s::bigint AND %(high_id)s::bigint",
    "given": "= ANY(%(customer_ids)s::bigint[])",
    "sample": "%% 20 = 7",  # one in twenty, whatever order they came in
}
LIVE: Final = "o.state NOT IN ('draft', 'cancelled')"
OPS: Final[Mapping[str, str]] = {"at_least": ">=", "at_most": "<=", "exactly": "="}


@dataclass(frozen=True, slots=True)
class Said:
    """A condition in SQL: whether it holds (never null), and what was seen of the customer, as JSON or null."""

    holds: str
    seen: str = "NULL::jsonb"


@dataclass(slots=True)
class Builder:
    """Collects the values and sources of any number of rules over `customers_customer AS c`."""

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)

    def bind(self, value: object, cast: str) -> str:
        """A placeholder for a value; equal values share one."""
        for name, known in self.values.items():
            if type(known) is type(value) and known == value:
                return f"%({name})s::{cast}"
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"%({name})s::{cast}"

    def source(self, select: str) -> str:
        """The alias of a SELECT with `customer_id`; equal ones are read once."""
        text = " ".join(select.split())
        return self.sources.setdefault(text, f"s{len(self.sources)}")

    def has(self, select: str) -> str:
        """That a SELECT has a row of the customer."""
        return f"{self.source(select)}.customer_id IS NOT NULL"

    def table(self, name: str, alias: str) -> str:
        """The alias of a table with at most one row a customer."""
        self.tables[alias] = name
        return alias

    def joined(self, *, scope: Scope) -> str:
        """FROM and WHERE over the customers of a scope: nobody who was erased or merged into another."""
        within = WITHIN[scope]
        parts = ["FROM customers_customer AS c"]
        parts += [f"LEFT JOIN {name} AS {alias} ON {alias}.customer_id = c.id" for alias, name in self.tables.items()]
        parts += [
            f"LEFT JOIN ({text.replace('{within}', within)}) AS {alias} ON {alias}.customer_id = c.id"
            for text, alias in self.sources.items()
        ]
        return "\n".join([*parts, f"WHERE c.id {within} AND c.erased_at IS NULL AND c.merged_into_id IS NULL"])


def since(builder: Builder, days: int | None, column: str) -> str:
    """That a moment lies within the last days; nothing without days."""
    if days is None:
        return ""
    return f"AND {column} >= %(moment)s::timestamptz - make_interval(days => {builder.bind(days, 'integer')})"


def goods(builder: Builder, condition: Condition, column: str) -> str:
    """That a product is one of those named, or of a named category or one below it; nothing where none is named."""
    ways = []
    if condition.fields.get("products"):
        skus = builder.bind(condition.fields["products"], "text[]")
        ways.append(f"{column} IN (SELECT id FROM catalog_product WHERE sku = ANY({skus}))")  # noqa: S608
    if condition.fields.get("categories"):
        ways.append(f"{column} IN ({_of_categories(builder, condition, 'product.id')})")
    return f"AND ({' OR '.join(ways)})" if ways else ""


def subjects(builder: Builder, condition: Condition, column: str) -> str:
    """As `goods`, for planning subjects: a SKU, or `category:CODE` where a whole category is planned as one."""
    ways = []
    if condition.fields.get("products"):
        ways.append(f"{column} = ANY({builder.bind(condition.fields['products'], 'text[]')})")
    if condition.fields.get("categories"):
        ways.append(f"{column} IN ({_of_categories(builder, condition, 'product.sku')})")
        codes = [f"category:{code}" for code in condition.fields["categories"]]
        ways.append(f"{column} = ANY({builder.bind(codes, 'text[]')})")
    return f"AND ({' OR '.join(ways)})" if ways else ""


def _of_categories(builder: Builder, condition: Condition, column: str) -> str:
    codes = builder.bind(condition.fields["categories"], "text[]")
    return f"""
        WITH RECURSIVE tree AS (
            SELECT id FROM catalog_category WHERE code = ANY({codes})
            UNION SELECT child.id FROM catalog_category AS child JOIN tree ON child.parent_id = tree.id)
        SELECT {column} FROM catalog_product AS product JOIN tree ON tree.id = product.category_id"""  # noqa: S608


def order_filter(builder: Builder, condition: Condition) -> str:
    """What an order `o` must be besides live: of a window, a shop, with a coupon, with goods."""
    parts = [f"o.customer_id {{within}} AND {LIVE}", since(builder, condition.fields.get("days"), "o.ordered_at")]
    if condition.fields.get("channels"):
        parts.append(f"AND o.channel = ANY({builder.bind(condition.fields['channels'], 'text[]')})")
    if condition.fields.get("coupons"):
        codes = builder.bind([code.upper() for code in condition.fields["coupons"]], "text[]")
        parts.append(
            f"""AND o.id IN (SELECT used.order_id FROM orders_priceruleuse AS used
                JOIN orders_pricerule AS rule ON rule.id = used.rule_id WHERE upper(rule.code) = ANY({codes}))"""  # noqa: S608
        )
    return " ".join(part for part in parts if part)


def with_goods(builder: Builder, condition: Condition) -> str:
    """That an order `o` holds one of the goods; nothing where none is named."""
    wanted = goods(builder, condition, "line.product_id")
    if not wanted:
        return ""
    return f"AND o.id IN (SELECT line.order_id FROM orders_orderline AS line WHERE true {wanted})"  # noqa: S608


def compared(builder: Builder, condition: Condition, given: str, *, cast: str = "float8") -> str:
    """A number compared with the condition's value; nothing counts as zero."""
    return f"coalesce({given}, 0) {OPS[condition.fields['op']]} {builder.bind(condition.fields['value'], cast)}"
