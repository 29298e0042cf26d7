"""How allauth behaves here: nobody signs up, inactive people stay out."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc] # untyped library
    """Accounts are made by owners or in the terminal."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
