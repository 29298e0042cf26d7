"""Products and their categories; every fact about a product that planning, packing or routing will ask for."""

from django.db import models
from django.db.models.functions import Now


class Category(models.Model):
    code = models.TextField(unique=True)
    name = models.TextField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    is_sensitive = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Its products are recommended only to customers who bought them before: health, intimacy, alcohol …",
    )

    class Meta:
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    class TemperatureClass(models.TextChoices):
        AMBIENT = "ambient"
        CHILLED = "chilled"
        FROZEN = "frozen"

    class PlannedBy(models.TextChoices):
        """Sparse products are planned as a part of their category."""

        PRODUCT = "product"
        CATEGORY = "category"

    class State(models.TextChoices):
        ACTIVE = "active"
        DISCONTINUED = "discontinued"

    sku = models.TextField(unique=True)
    name = models.TextField()
    brand = models.TextField(blank=True, default="", db_default="")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="products")
    currency = models.CharField(max_length=3)
    price_minor = models.BigIntegerField(null=True, blank=True)
    unit_cost_minor = models.BigIntegerField(null=True, blank=True)
    weight_grams = models.PositiveIntegerField(null=True, blank=True)
    length_mm = models.PositiveIntegerField(null=True, blank=True)
    width_mm = models.PositiveIntegerField(null=True, blank=True)
    height_mm = models.PositiveIntegerField(null=True, blank=True)
    temperature_class = models.CharField(
        max_length=8, choices=TemperatureClass.choices, default="ambient", db_default="ambient"
    )
    is_sold_in_fractions = models.BooleanField(
        default=False, db_default=False, help_text="Sold by weight or length: 2.5 units of it can be ordered."
    )
    hazard_class = models.TextField(blank=True, default="", db_default="")
    is_oversize = models.BooleanField(default=False, db_default=False)
    is_upright = models.BooleanField(default=False, db_default=False, help_text="Its height stays up in a parcel.")
    is_fragile = models.BooleanField(default=False, db_default=False, help_text="Nothing lies on it in a parcel.")
    keep_apart = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="Goods of two different groups never share a parcel (food, detergent); empty: goes with all.",
    )
    shelf_life_days = models.PositiveIntegerField(null=True, blank=True)
    consumption_days_per_unit = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    planned_by = models.CharField(max_length=8, choices=PlannedBy.choices, default="product", db_default="product")
    state = models.CharField(max_length=12, choices=State.choices, default="active", db_default="active")
    like_product = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="A product that sells as this one is expected to; its past stands in until this one has its own.",
    )
    goods_owner = models.TextField(
        default="self", db_default="self", help_text="Whose goods these are: self, or the code of a shop we store for."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="product_has_owner", condition=~models.Q(goods_owner="")),
            models.CheckConstraint(name="product_sku_not_empty", condition=~models.Q(sku="")),
            models.CheckConstraint(
                name="product_price_not_negative",
                condition=models.Q(price_minor__isnull=True) | models.Q(price_minor__gte=0),
            ),
            models.CheckConstraint(
                name="product_cost_not_negative",
                condition=models.Q(unit_cost_minor__isnull=True) | models.Q(unit_cost_minor__gte=0),
            ),
            models.CheckConstraint(
                name="product_temperature_class_known",
                condition=models.Q(temperature_class__in=["ambient", "chilled", "frozen"]),
            ),
            models.CheckConstraint(
                name="product_planned_by_known", condition=models.Q(planned_by__in=["product", "category"])
            ),
            models.CheckConstraint(
                name="product_not_like_itself",
                condition=models.Q(like_product__isnull=True) | ~models.Q(like_product=models.F("id")),
            ),
            models.CheckConstraint(
                name="product_state_known", condition=models.Q(state__in=["active", "discontinued"])
            ),
        ]

    def __str__(self) -> str:
        return self.sku


class BundleComponent(models.Model):
    """What a bundle is made of, one row a component; demand for the bundle is demand for its components.

    A component may be a bundle itself, but never, through any number of steps, the bundle that holds it.
    """

    bundle = models.ForeignKey(  # the unique key below is its index
        Product, on_delete=models.CASCADE, related_name="components", db_index=False
    )
    component = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="bundles")
    units = models.DecimalField(max_digits=14, decimal_places=3, help_text="Units of the component in one bundle.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="bundle_component_once", fields=["bundle", "component"]),
            models.CheckConstraint(name="bundle_component_units_positive", condition=models.Q(units__gt=0)),
            models.CheckConstraint(
                name="bundle_not_its_own_component", condition=~models.Q(bundle=models.F("component"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bundle_id} ← {self.units} × {self.component_id}"


class Barcode(models.Model):
    class Kind(models.TextChoices):
        GTIN = "gtin"
        INTERNAL = "internal"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="barcodes")
    code = models.TextField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)

    def __str__(self) -> str:
        return self.code


class ProductUnit(models.Model):
    """A unit that a product is bought or packed in; how much it holds is told by another unit, or by the selling unit.

    `units` is what one of it comes to in selling units; the ledger knows selling units only.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="units")
    code = models.TextField(help_text="case, inner, pallet …")
    contains_count = models.DecimalField(max_digits=12, decimal_places=3)
    contains_code = models.TextField(blank=True, default="", db_default="", help_text="Empty: the selling unit.")
    units = models.DecimalField(max_digits=12, decimal_places=3, help_text="In selling units, exactly.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="product_unit_once", fields=["product", "code"]),
            models.CheckConstraint(name="product_unit_code_not_empty", condition=~models.Q(code="")),
            models.CheckConstraint(name="product_unit_not_itself", condition=~models.Q(code=models.F("contains_code"))),
            models.CheckConstraint(
                name="product_unit_positive", condition=models.Q(contains_count__gt=0) & models.Q(units__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.code}"
