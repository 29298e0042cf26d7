"""What people want to hear: signing up, the preference centre, declarations from elsewhere, a message's foot."""

from reorder.flows.consenting.declaring import Declaration, Recorded, record_declarations
from reorder.flows.consenting.footers import Foot, Footed, add_foot, write_feet
from reorder.flows.consenting.importing import ImportedConsents, import_consents
from reorder.flows.consenting.laying_down import keep_selectors, lay_down_policy, lay_down_texts, lay_down_topic
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
    "Foot",
    "Footed",
    "ImportedConsents",
    "Recorded",
    "WantedNews",
    "add_foot",
    "ask_for_news",
    "confirm_news",
    "end_rest",
    "import_consents",
    "keep_selectors",
    "lay_down_policy",
    "lay_down_texts",
    "lay_down_topic",
    "look_at_sign_up",
    "open_centre",
    "record_declarations",
    "refuse_mail",
    "refuse_news",
    "rest_from_news",
    "save_choices",
    "take_news_wish",
    "write_feet",
]
