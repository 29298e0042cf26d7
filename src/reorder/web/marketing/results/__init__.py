"""Results of marketing: what each source caused, against whom it kept back, and when people answer."""
