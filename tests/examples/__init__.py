"""The arrangements of `examples/`: each runs, foots, and comes to the figures that its README names."""
