"""What all pages share: templates and words, addresses and names of things, pages that are kept."""
