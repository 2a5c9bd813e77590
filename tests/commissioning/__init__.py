"""Worked examples of agreements, with figures that were worked out by hand."""
