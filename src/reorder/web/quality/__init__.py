"""The desk Insights: how right the predictions were."""
