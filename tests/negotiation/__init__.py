"""Negotiations: options compared, packs drawn, and the commands and calls that make them."""
