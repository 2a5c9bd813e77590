"""A year as a workbook that calculates: the engine's stages as sheets of plain formulas, and the reading of it back."""
