"""What must hold of every agreement: random ones are run through the whole chain."""
