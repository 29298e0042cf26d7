from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "reorder.domain.catalog"
    label = "catalog"
