"""Making the floor of a place: by a grid of aisles, bays and levels, or by files; whole or not at all."""

from reorder.flows.floor_plan.bins_file import bins_to_csv, read_bins
from reorder.flows.floor_plan.contents_file import fill_bins, read_contents
from reorder.flows.floor_plan.grid import GridFloor, GridSpec, make_grid
from reorder.flows.floor_plan.lines import BadLine, FileFaults
from reorder.flows.floor_plan.saving import (
    GridChanges,
    lay_out_grid,
    lay_out_ways,
    preview_grid,
    save_bins_file,
    write_grid,
)
from reorder.flows.floor_plan.ways_file import read_ways

__all__ = [
    "BadLine",
    "FileFaults",
    "GridChanges",
    "GridFloor",
    "GridSpec",
    "bins_to_csv",
    "fill_bins",
    "lay_out_grid",
    "lay_out_ways",
    "make_grid",
    "preview_grid",
    "read_bins",
    "read_contents",
    "read_ways",
    "save_bins_file",
    "write_grid",
]
