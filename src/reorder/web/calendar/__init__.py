"""The desk Calendar: promotions, events, holidays and closings, past and to come, and what was learned of them."""
