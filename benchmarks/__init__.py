"""What is fast here, measured against the machine's own limit in the same run."""
