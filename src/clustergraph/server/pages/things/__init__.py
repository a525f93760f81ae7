"""Pages of things: what the graph says of one, who says so, and what points to it."""
