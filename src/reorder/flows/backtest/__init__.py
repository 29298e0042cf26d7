"""Looking back on the shop's own data: were earlier predictions right?"""

from reorder.flows.backtest.asking import ask_for_backtest, run_backtest_job
from reorder.flows.backtest.running import (
    DEFAULT_CUTS,
    BacktestReport,
    is_backtest_running,
    run_backtest,
)

__all__ = [
    "DEFAULT_CUTS",
    "BacktestReport",
    "ask_for_backtest",
    "is_backtest_running",
    "run_backtest",
    "run_backtest_job",
]
