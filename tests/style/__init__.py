"""The habits of the house that a program can check."""
