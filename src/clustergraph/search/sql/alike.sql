-- Of these texts the names, each with what its thing is ranked by.
SELECT id, thing, folded, retired, place, links FROM entry
WHERE id IN (SELECT value FROM json_each(:texts)) AND role < 4
  AND (:kind IS NULL OR EXISTS (SELECT 1 FROM kind WHERE kind.kind = :kind AND kind.thing = entry.thing))
