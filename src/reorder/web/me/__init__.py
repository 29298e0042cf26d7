"""What a person chooses for themselves: language, theme, density, saved views."""
