"""Agreements, services and events; closing a period: who bears what, what is posted, the statement that is issued."""
