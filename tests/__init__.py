"""The tests; their helpers live beside them."""
