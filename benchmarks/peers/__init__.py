"""Poolbook beside other ledgers and beside the machine's own limit, on the same work in the same run."""
