"""How a supplier wants its orders; pure. X12 needs both partners' interchange ids, so that a file finds its way."""

import re
from dataclasses import dataclass
from typing import Final

from reorder.domain.purchasing.errors import BadDocuments

FORMATS: Final = ("pdf", "csv", "x12")
USUAL_FORMATS: Final = ("pdf", "csv")
VERSIONS: Final = ("004010",)
# Qualifiers of ISA05 and ISA07 that partners use: D-U-N-S and its suffix, telephone, GLN, mutually defined and others.
QUALIFIERS: Final = ("01", "08", "09", "12", "14", "16", "20", "27", "28", "29", "30", "33", "ZZ")
_ID: Final = re.compile(r"[A-Z0-9][A-Z0-9 .&/-]{0,13}[A-Z0-9]|[A-Z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTerms:
    """The files that go with a supplier's mail, and the addresses of the exchange (`own_` ours, `their_` theirs)."""

    formats: tuple[str, ...] = USUAL_FORMATS
    own_qualifier: str = ""
    own_id: str = ""
    their_qualifier: str = ""
    their_id: str = ""
    version: str = "004010"
    is_trial: bool = False

    @property
    def can_exchange(self) -> bool:
        """Whether an X12 file can be addressed."""
        return all((self.own_qualifier, self.own_id, self.their_qualifier, self.their_id))


def refuse_bad_documents(*, supplier_code: str, terms: DocumentTerms) -> None:
    """Raises BadDocuments."""
    ids = [one for one in (terms.own_id, terms.their_id) if one]
    qualifiers = [one for one in (terms.own_qualifier, terms.their_qualifier) if one]
    faults = {
        "a format must be pdf, csv or x12": any(one not in FORMATS for one in terms.formats),
        "X12 needs both qualifiers and both ids": "x12" in terms.formats and not terms.can_exchange,
        "an id has 1 to 15 capital letters, digits or . & / -": any(not _ID.fullmatch(one) for one in ids),
        "a qualifier must be one of the list, for example ZZ": any(one not in QUALIFIERS for one in qualifiers),
        "both partners have the same id": bool(terms.own_id)
        and (terms.own_qualifier, terms.own_id) == (terms.their_qualifier, terms.their_id),
        "the version must be 004010": terms.version not in VERSIONS,
    }
    for reason, holds in faults.items():
        if holds:
            raise BadDocuments(supplier=supplier_code, reason=reason)
