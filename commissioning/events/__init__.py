"""What happened: events as values, and how rows and requests of them are read, every fault with its row."""
