"""Workbooks that people fill in: a sheet with drop-downs and checked cells, written, and read back guarded."""
