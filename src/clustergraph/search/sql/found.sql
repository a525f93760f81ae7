-- The things of which a text has all the words, the best text of each; {texts} says which texts may.
WITH matching AS (
  SELECT
    text.thing,
    MIN(
      (CASE
        WHEN text.role = 4 THEN 4
        WHEN text.folded = :phrase THEN 0
        WHEN substr(text.folded, 1, length(:phrase)) = :phrase THEN 1
        WHEN instr(' ' || text.folded || ' ', ' ' || :phrase || ' ') THEN 2
        ELSE 3
      END << 48)
      + (text.role << 44)
      + ((text.language <> :language) << 43)
      + (min(length(text.folded), 2047) << 32)
      + text.id
    ) AS rank
  FROM text
  WHERE {texts}
  GROUP BY text.thing
)
SELECT rank >> 48, rank & 0xffffffff, COUNT(*) OVER ()
FROM matching JOIN thing ON thing.id = matching.thing
WHERE :kind IS NULL OR EXISTS (SELECT 1 FROM kind WHERE kind.kind = :kind AND kind.thing = matching.thing)
ORDER BY retired, auxiliary AND (rank >> 48) > 0, rank >> 48, place, links DESC, rank >> 32, thing.id
LIMIT :limit OFFSET :offset
