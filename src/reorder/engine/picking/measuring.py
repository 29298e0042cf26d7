"""Lengths of walks through many sets of orders, whatever the layout."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reorder.engine.picking import graph
from reorder.engine.picking.lengths import Grid
from reorder.engine.picking.tours import round_length, shortest_round
from reorder.engine.picking.values import AisleLayout, Bin, Layout

Counts = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float64]
_MOST_REMEMBERED = 200_000


class Measure(Protocol):
    """Points that orders go to, as an array (order, …), and the lengths of walks through sums of its rows."""

    @property
    def counts(self) -> Counts:
        """1 where an order has a bin, else 0."""
        ...

    def measure(self, *, counts: Counts) -> Floats:
        """The length of a walk through each set; 0 for an empty one."""
        ...


def measure_for(*, layout: Layout, orders: Sequence[Sequence[Bin]]) -> Measure:
    """What measures walks of this layout: exactly in parallel aisles, by short rounds elsewhere."""
    if isinstance(layout, AisleLayout) and not layout.one_way:
        return Grid.make(layout=layout, orders=orders)
    return GraphGrid(layout=layout, orders=orders)


class GraphGrid:
    """Short rounds through sets of points of a graph, each set measured once; shaped as a grid of one row of slots."""

    def __init__(self, *, layout: Layout, orders: Sequence[Sequence[Bin]]) -> None:
        made, names = graph.as_graph(layout=layout, bins=[each for bins in orders for each in bins])
        known = list(dict.fromkeys([made.depot_point, *names]))
        self._lengths = graph.distances(graph=made, points=known)
        number_of = {point: number for number, point in enumerate(known)}
        self.counts: Counts = np.zeros((len(orders), 1, 1, len(known)), dtype=np.int16)
        given = iter(names)
        for row, bins in enumerate(orders):
            for _ in bins:
                self.counts[row, 0, 0, number_of[next(given)]] = 1
        self._remembered: dict[bytes, float] = {}

    def measure(self, *, counts: Counts) -> Floats:
        """The length of a short round through each set."""
        there = (counts > 0).reshape(len(counts), -1)
        return np.array([self._round(row) for row in there], dtype=np.float64)

    def _round(self, there: npt.NDArray[np.bool_]) -> float:
        key = np.packbits(there).tobytes()
        if key not in self._remembered:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = self._measured(there)
        return self._remembered[key]

    def _measured(self, there: npt.NDArray[np.bool_]) -> float:
        points = np.flatnonzero(there)
        points = np.concatenate(([0], points[points != 0]))
        lengths = self._lengths[np.ix_(points, points)]
        if len(points) <= 3:
            return round_length(lengths=lengths, order=np.arange(1, len(points)))
        return shortest_round(lengths=lengths, kicks=0)[1]
