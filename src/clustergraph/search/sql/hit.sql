-- One text and its thing.
SELECT thing, role, property, language, written, iri, kind, retired, successor FROM entry WHERE id = ?
