"""Why something is refused, where the rooms or the tables share the causes; every other cause is in its own room."""
