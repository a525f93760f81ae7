"""The text of SPARQL: its terminals, the outline of a query, binding of arguments, and results."""
