"""Files that are refused, each with the message it is refused with beside it."""
