"""Segments: who belongs to which, kept true by the event and by the night; rules, lists and their files."""

from reorder.flows.segmenting.counting import Counted, count_when_due, mark_customers, refresh_all, refresh_marked
from reorder.flows.segmenting.editing import create_segment, delete_segment, find_faults, list_uses, save_segment
from reorder.flows.segmenting.lists import (
    add_members,
    change_list,
    find_people,
    remove_members,
    run_list_import,
    start_list_import,
)
from reorder.flows.segmenting.previewing import Preview, preview_rules
from reorder.flows.segmenting.tagging import set_profile, tag_people

__all__ = [
    "Counted",
    "Preview",
    "add_members",
    "change_list",
    "count_when_due",
    "create_segment",
    "delete_segment",
    "find_faults",
    "find_people",
    "list_uses",
    "mark_customers",
    "preview_rules",
    "refresh_all",
    "refresh_marked",
    "remove_members",
    "run_list_import",
    "save_segment",
    "set_profile",
    "start_list_import",
    "tag_people",
]
