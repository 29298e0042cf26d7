"""What messages say: templates with their versions, the library, what is shown of products, where carts lead.

A version that was let go is never changed again: a trigger of migration 0005 refuses it.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


def _codes() -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.TextField(), default=list, blank=True, db_default=[])


class Template(models.Model):
    """What one message is about; its words stand in versions, by channel, language, segment and variant."""

    code = models.TextField(unique=True)
    name = models.TextField()
    kind = models.CharField(max_length=24, help_text="One of content_variables.KINDS: which variables it may use.")
    purpose = models.CharField(max_length=16, default="marketing", db_default="marketing")
    category_codes = _codes()
    is_ready_made = models.BooleanField(default=False, db_default=False, help_text="Laid down by us at first.")
    utm = models.JSONField(default=dict, db_default={}, help_text="Own source, medium, campaign; empty: ours.")
    created_by = models.TextField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="template_code_not_empty", condition=~models.Q(code="")),
            models.CheckConstraint(
                name="template_purpose_known", condition=models.Q(purpose__in=["marketing", "transactional"])
            ),
        ]

    def __str__(self) -> str:
        return self.code


class TemplateVersion(models.Model):
    """One form of a template: the words for a channel and language, for everybody or a segment, in one variant."""

    class State(models.TextChoices):
        DRAFT = "draft"
        WAITING = "waiting"  # for another person
        LIVE = "live"
        RETIRED = "retired"

    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(help_text="Counted within the template.")
    channel = models.CharField(max_length=16)
    language = models.CharField(max_length=8)
    segment_code = models.TextField(blank=True, default="", db_default="", help_text="Empty: everybody.")
    variant = models.CharField(max_length=32, blank=True, default="", db_default="")
    weight = models.PositiveIntegerField(default=100, db_default=100, help_text="Of variants: how many get it.")
    content = models.JSONField(help_text="Fields of the channel, see content_forms.FIELDS.")
    state = models.CharField(max_length=8, choices=State.choices, default="draft", db_default="draft")
    created_by = models.TextField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField(db_default=Now())
    approved_by = models.TextField(blank=True, default="", db_default="")
    approved_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="template_version_number_once", fields=["template", "number"]),
            models.UniqueConstraint(
                name="template_version_live_once",
                fields=["template", "channel", "language", "segment_code", "variant"],
                condition=models.Q(state="live"),
            ),
            models.CheckConstraint(
                name="template_version_state_known",
                condition=models.Q(state__in=["draft", "waiting", "live", "retired"]),
            ),
            models.CheckConstraint(
                name="template_version_live_is_approved",
                condition=~models.Q(state="live") | models.Q(approved_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="template_version_state", fields=["state", "-id"])]

    def __str__(self) -> str:
        return f"{self.template_id} {self.number}"


class LibraryArticle(models.Model):
    """Something worth telling beside goods: how to use them, a story of the brand, news of the trade."""

    class Kind(models.TextChoices):
        HOW_TO = "how_to"
        BRAND_STORY = "brand_story"
        NEWS = "news"

    code = models.TextField()
    language = models.CharField(max_length=8)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.TextField()
    text = models.TextField()
    url = models.TextField(blank=True, default="", db_default="")
    picture_url = models.TextField(blank=True, default="", db_default="")
    skus = _codes()
    category_codes = _codes()
    segment_codes = _codes()
    is_active = models.BooleanField(default=True, db_default=True)
    written_by = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="library_article_once", fields=["code", "language"]),
            models.CheckConstraint(
                name="library_article_kind_known", condition=models.Q(kind__in=["how_to", "brand_story", "news"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.language}"


class ProductCard(models.Model):
    """How a product is shown in messages: its page in the shop and its picture."""

    product = models.OneToOneField("catalog.Product", on_delete=models.CASCADE, related_name="+", primary_key=True)
    page_url = models.TextField(blank=True, default="", db_default="")
    picture_url = models.TextField(blank=True, default="", db_default="")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.product_id)


class MessageLook(models.Model):
    """The one row that says how messages look: logo, colour, the shop's site."""

    logo_url = models.TextField(blank=True, default="", db_default="")
    accent = models.CharField(max_length=7, default="#1f6f54", db_default="#1f6f54")
    site_url = models.TextField(blank=True, default="", db_default="")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.site_url


class CartTarget(models.Model):
    """A shop of another system whose cart a link can fill by its address; the one row that is switched on is used."""

    code = models.TextField(unique=True)
    url_template = models.TextField(help_text="With {lines}, and {coupon} where the shop takes one.")
    line_pattern = models.TextField(default="{variant}:{units}", db_default="{variant}:{units}")
    separator = models.CharField(max_length=4, default=",", db_default=",")
    is_active = models.BooleanField(default=True, db_default=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="cart_target_active_once", fields=["is_active"], condition=models.Q(is_active=True)
            )
        ]

    def __str__(self) -> str:
        return self.code


class CartVariant(models.Model):
    """The number under which another shop knows a product."""

    target = models.ForeignKey(CartTarget, on_delete=models.CASCADE, related_name="variants", db_index=False)
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="+")
    variant = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(name="cart_variant_once", fields=["target", "product"])]

    def __str__(self) -> str:
        return self.variant
