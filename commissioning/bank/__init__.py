"""Bank statements held against the books: what was expected to move, what did, and the events that tie the two."""
