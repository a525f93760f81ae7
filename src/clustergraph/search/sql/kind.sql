-- The class that has this IRI or is called so.
SELECT id FROM (
  SELECT id, 0 AS rank FROM thing WHERE iri = :iri
  UNION ALL
  SELECT thing, 1 FROM text WHERE folded = :folded AND role < 4
) JOIN thing USING (id)
WHERE EXISTS (SELECT 1 FROM kind WHERE kind.kind = id)
ORDER BY rank, place, links DESC, id LIMIT 1
