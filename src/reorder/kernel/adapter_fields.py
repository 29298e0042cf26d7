"""What an account at somebody else's service needs: entered by people, kept by rooms, read by adapters."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterField:
    """One thing to enter for an account; a secret is sealed and never shown again."""

    name: str
    label: str
    is_secret: bool = False
    is_needed: bool = True
    default: str = ""
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
