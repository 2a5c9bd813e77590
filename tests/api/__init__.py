"""The HTTP interface, end to end on both databases."""
