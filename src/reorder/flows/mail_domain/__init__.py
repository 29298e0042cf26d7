"""Whether receivers believe that mail of the shop's domain is the shop's."""

from reorder.flows.mail_domain.checking import DomainCheck, NameServer, check_mail_domain
from reorder.flows.mail_domain.records import Finding

__all__ = ["DomainCheck", "Finding", "NameServer", "check_mail_domain"]
