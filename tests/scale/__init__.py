"""How far the books scale: the layout for many servers, the hot standby, what commands import."""
