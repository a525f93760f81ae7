-- The text that says best what a thing is called, or what it is, in a language.
SELECT written, language FROM text WHERE thing = ? AND role = ? ORDER BY language <> ?, id LIMIT 1
