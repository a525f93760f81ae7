"""HTTP itself: negotiation, media types, validators, problems, bodies, and what a request asks."""
