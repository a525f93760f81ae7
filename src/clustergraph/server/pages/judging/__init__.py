"""Pages that judge: what a file would break or change, and why a fact holds."""
