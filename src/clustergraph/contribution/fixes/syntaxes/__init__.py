"""How each syntax says another triple in the place of one: ways to edit a text, which the caller tries."""
