"""Looking back: what would have been predicted on earlier days, against what then happened."""
