"""What people want to hear: signing up, the preference centre, declarations from elsewhere, a message's foot."""

from reorder.flows.consenting.declaring import Declaration, Recorded, record_declarations
from reorder.flows.consenting.importing import ImportedConsents, import_consents
from reorder.flows.consenting.preferring import (
    Centre,
    Choices,
    end_rest,
    open_centre,
    refuse_mail,
    refuse_news,
    rest_from_news,
    save_choices,
)
from reorder.flows.consenting.signing_up import (
    WantedNews,
    ask_for_news,
    confirm_news,
    look_at_sign_up,
    take_news_wish,
)

__all__ = [
    "Centre",
    "Choices",
    "Declaration",
    "ImportedConsents",
    "Recorded",
    "WantedNews",
    "ask_for_news",
    "confirm_news",
    "end_rest",
    "import_consents",
    "look_at_sign_up",
    "open_centre",
    "record_declarations",
    "refuse_mail",
    "refuse_news",
    "rest_from_news",
    "save_choices",
    "take_news_wish",
]
