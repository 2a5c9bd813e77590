"""How each share basis is written in cells: one file a kind, found by the basis's name."""
