"""What each customer is worth: recency, frequency, money, segments and expected orders."""
