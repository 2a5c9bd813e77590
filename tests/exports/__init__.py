"""What the faces of a statement must show, and the journals that other tools must accept."""
