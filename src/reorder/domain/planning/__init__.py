"""What the engine concluded: runs, due dates, forecasts, the demand plan, targets."""
