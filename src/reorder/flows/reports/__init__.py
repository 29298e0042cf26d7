"""Reports: figures of stock each night, and whether stock targets of earlier weeks held."""

from reorder.flows.reports.checking import check_service_when_due
from reorder.flows.reports.making import make_reports

__all__ = ["check_service_when_due", "make_reports"]
