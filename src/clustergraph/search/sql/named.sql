-- The first text of the thing with an IRI.
SELECT id FROM entry
WHERE iri = :iri
  AND (:kind IS NULL OR EXISTS (SELECT 1 FROM kind WHERE kind.kind = :kind AND kind.thing = entry.thing))
ORDER BY id LIMIT 1
