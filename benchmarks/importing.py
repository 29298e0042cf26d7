"""Seconds per million lines of an import, beside a plain COPY of the same rows, at two sizes, with peak memory.

Synthetic orders from a fixed seed go through the whole import into an embedded database of the benchmark's own. The
COPY loads the same file into a bare table without keys: what the database alone needs. Run with
`python -m benchmarks.importing`; `--lines 100000 1000000` picks the sizes.
"""

import argparse
import os
import re
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

SEED = 20261123
LINES_AN_ORDER = 4
PRODUCTS = 20_000


@dataclass(frozen=True, slots=True)
class Measured:
    lines: int
    import_seconds: float
    copy_seconds: float
    again_seconds: float
    client_peak_megabytes: float
    server_peak_megabytes: float

    @property
    def seconds_per_million(self) -> float:
        return self.import_seconds * 1e6 / self.lines


def write_orders(*, path: Path, lines: int) -> None:
    """About `lines` order lines over two years, four an order, products skewed."""
    rng = np.random.default_rng(SEED)
    order = np.sort(rng.integers(0, lines // LINES_AN_ORDER, lines))
    minute = order * (730 * 1440) // (lines // LINES_AN_ORDER)
    product = rng.zipf(1.3, lines) % PRODUCTS
    frame = pl.DataFrame({"order": order, "minute": minute, "product": product}).select(
        order_id=pl.format("{}-{}", pl.lit(lines), "order"),
        ordered_at=(pl.datetime(2024, 11, 1) + pl.duration(minutes="minute")).dt.strftime("%Y-%m-%d %H:%M:%S"),
        customer_id=pl.format("C{}", pl.col("order") * 7919 % (lines // 16)),
        sku=pl.format("SKU-{}", "product"),
        quantity=pl.Series(rng.integers(1, 5, lines)),
        unit_price=pl.Series(rng.integers(100, 99_900, lines) / 100),
        category=pl.format("CAT-{}", pl.col("product") % 50),
    )
    frame.write_csv(path)


def measure(*, folder: Path, lines: int) -> Measured:
    """Import, the same file again under another name of the shop's channel unchanged, and a plain COPY."""
    from reorder.flows.file_import import import_file

    file = folder / f"orders-{lines}.csv"
    write_orders(path=file, lines=lines)
    started = time.perf_counter()
    report = import_file(path=file, channel=f"bench-{lines}")
    import_seconds = time.perf_counter() - started
    if report.rows_imported != lines:
        raise SystemExit(f"only {report.rows_imported} of {lines} lines were imported")
    with file.open("a") as stream:
        stream.write(f"{lines}-one-more,2026-11-01,C1,SKU-1,1,1,CAT-1\n")
    started = time.perf_counter()
    import_file(path=file, channel=f"bench-{lines}")
    return Measured(
        lines=lines,
        import_seconds=import_seconds,
        again_seconds=time.perf_counter() - started,
        copy_seconds=_copy_plainly(file=file),
        client_peak_megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        server_peak_megabytes=_server_peak_megabytes(),
    )


def _copy_plainly(*, file: Path) -> float:
    from django.db import connection

    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_plain (order_id text, ordered_at timestamptz, customer_id text, sku text,"
            " quantity numeric, unit_price numeric, category text)"
        )
        with (
            cursor.cursor.copy("COPY bench_plain FROM STDIN WITH (FORMAT csv, HEADER)") as copy,
            file.open("rb") as stream,
        ):
            while block := stream.read(1 << 20):
                copy.write(block)
        cursor.execute("DROP TABLE bench_plain")
    return time.perf_counter() - started


def _server_peak_megabytes() -> float:
    """Peak of our backend process, shared buffers that it touched included; 0 for a server elsewhere."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0


def report_lines(*, found: Sequence[Measured]) -> list[str]:
    lines = ["   lines   import s  s/million   COPY s  import/COPY  again s  client MB  server MB"]
    lines += [
        f"{m.lines:>8,} {m.import_seconds:>10.2f} {m.seconds_per_million:>10.2f} {m.copy_seconds:>8.2f}"
        f" {m.import_seconds / m.copy_seconds:>12.1f} {m.again_seconds:>8.2f} {m.client_peak_megabytes:>10.0f}"
        f" {m.server_peak_megabytes:>10.0f}"
        for m in found
    ]
    small, large = found[0], found[-1]
    growth = large.seconds_per_million / small.seconds_per_million
    return [*lines, f"seconds per million, {large.lines:,} against {small.lines:,} lines: ratio {growth:.2f}"]


def main(argv: Sequence[str] | None = None) -> list[Measured]:
    """Measure and print; returns what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[200_000, 1_000_000])
    sizes = parser.parse_args(argv).lines
    with tempfile.TemporaryDirectory(prefix="reorder-bench-") as folder:
        os.environ.setdefault("REORDER_HOME", f"{folder}/home")
        Path(folder).chmod(0o755)
        from reorder.cli.start import start_application

        start_application()
        from reorder.config import settings

        try:
            found = [measure(folder=Path(folder), lines=lines) for lines in sizes]
        finally:
            settings.EMBEDDED.stop()
    print("\n".join(report_lines(found=found)))
    return found


if __name__ == "__main__":
    main()
