"""The calendar that a merchant keeps, and signals told one batch at a time: into the books, with who and what."""

from reorder.flows.shop_calendar.entering import add_entry, change_entry, restore_entry, withdraw_entry
from reorder.flows.shop_calendar.files import BadCalendarFile, BadLine, ReadCalendar, read_calendar
from reorder.flows.shop_calendar.importing import CalendarImported, import_calendar
from reorder.flows.shop_calendar.telling import SignalOutcome, take_signals

__all__ = [
    "BadCalendarFile",
    "BadLine",
    "CalendarImported",
    "ReadCalendar",
    "SignalOutcome",
    "add_entry",
    "change_entry",
    "import_calendar",
    "read_calendar",
    "restore_entry",
    "take_signals",
    "withdraw_entry",
]
