"""What partners agreed: the file as values, what its keys must mean, its plan for a year, what a new one changes."""
