from django.apps import AppConfig


class BehaviourConfig(AppConfig):
    name = "reorder.domain.behaviour"
    label = "behaviour"
