"""Pages of the ontology: its classes, properties and concept schemes."""
