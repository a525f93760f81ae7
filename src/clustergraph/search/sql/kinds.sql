-- What the classes are called that things have.
SELECT written FROM entry
WHERE role < 4 AND EXISTS (SELECT 1 FROM kind WHERE kind.kind = entry.thing)
ORDER BY id
