from django.apps import AppConfig


class MarketingConfig(AppConfig):
    name = "reorder.domain.marketing"
    label = "marketing"
