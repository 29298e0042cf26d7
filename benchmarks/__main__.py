"""`make bench`: every benchmark, one after the other, figures printed as ratios in one run."""

import subprocess
import sys

from benchmarks import engine, importing, nightly, web

if __name__ == "__main__":
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    engine.main(["--scale", str(scale)])
    nightly.main(["--lines", str(int(500_000 * scale))])
    importing.main(["--lines", str(int(200_000 * scale)), str(int(1_000_000 * scale))])
    web.main([])
    # In a process of its own: settings know one home folder only.
    size = str(int(1_000_000 * scale))
    subprocess.run([sys.executable, "-m", "benchmarks.customers", "--customers", size], check=True)
    for words in (
        ["benchmarks.customers_value", "--customers", size],
        ["benchmarks.baskets", "--customers", str(int(100_000 * scale))],
        ["benchmarks.events", "--events", str(int(100_000 * scale))],
        ["benchmarks.tracking", "--seconds", str(max(int(60 * scale), 5))],
        ["benchmarks.segments", "--customers", size, "--list-rows", str(int(2_000_000 * scale))],
        ["benchmarks.segment_latency", "--customers", str(max(int(200 * scale), 20))],
        ["benchmarks.decisions", "--customers", str(max(int(200_000 * scale), 2_000))],
        ["benchmarks.journeys", "--customers", str(max(int(20_000 * scale), 500))],
        ["benchmarks.effects", "--customers", str(max(int(200_000 * scale), 2_000))],
        [
            "benchmarks.forecasting",
            "--series",
            *(str(int(series * scale)) for series in (500, 1_000)),
            "--quality",
            "1",
        ],
        ["benchmarks.demand_parts"],
        ["benchmarks.stocking", "--series", *(str(int(series * scale)) for series in (1_000, 10_000)), "--skus", "150"],
        ["benchmarks.routing", "--orders", str(max(int(1_000 * scale), 20))],
        ["benchmarks.picking", "--orders", str(max(int(500 * scale), 20)), "--walks", str(max(int(30 * scale), 3))],
        ["benchmarks.scans", "--seconds", str(max(int(40 * scale), 10))],
        ["benchmarks.sending", "--mails", str(max(int(2_000 * scale), 200))],
        ["benchmarks.drain", "--pairs", str(int(300_000 * scale))],
        ["benchmarks.scale", "--pairs", *(str(int(pairs * scale)) for pairs in (1_000_000, 3_000_000, 10_000_000))],
    ):
        subprocess.run([sys.executable, "-m", *words], check=True)
