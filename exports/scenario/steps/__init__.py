"""How each variance step is written in cells: one file a kind, found by the step's name."""
