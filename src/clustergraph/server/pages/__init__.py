"""What readers see: pages, filled in their language."""
