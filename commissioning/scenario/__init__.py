"""What if: one year with some of its inputs changed, worked out by the code of a close."""
