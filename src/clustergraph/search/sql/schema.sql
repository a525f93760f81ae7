-- The index of a snapshot: what its things are called, folded, and the parts of these texts.
CREATE TABLE thing (
  id INTEGER PRIMARY KEY,        -- in the order of the IRIs
  iri TEXT NOT NULL UNIQUE,
  kind INTEGER,                  -- the class that says best what it is
  place INTEGER NOT NULL,        -- of its kind among those that people look for
  auxiliary INTEGER NOT NULL,    -- whether it is of a kind that nobody looks for
  links INTEGER NOT NULL,        -- how many triples point to it
  retired INTEGER NOT NULL,
  successor TEXT
);
CREATE TABLE property (id INTEGER PRIMARY KEY, iri TEXT NOT NULL);
CREATE TABLE text (
  id INTEGER PRIMARY KEY,        -- in the order of thing, role, preference, text
  thing INTEGER NOT NULL,
  role INTEGER NOT NULL,         -- label, alternative label, hidden label, local name, definition
  property INTEGER,              -- none for a local name
  language TEXT NOT NULL,
  written TEXT NOT NULL,
  folded TEXT NOT NULL
);
CREATE VIEW entry AS
SELECT
  text.id, text.thing, role, property.iri AS property, language, written, folded,
  thing.iri, kind, place, links, retired, successor
FROM text JOIN thing ON thing.id = text.thing LEFT JOIN property ON property.id = text.property;
CREATE TABLE kind (kind INTEGER, thing INTEGER, PRIMARY KEY (kind, thing)) WITHOUT ROWID;
-- Three letters and more. Which texts have a trigram is all that is kept; the texts are looked at again.
CREATE VIRTUAL TABLE trigram USING fts5 (
  folded, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE frequency USING fts5vocab (trigram, row);
-- One and two letters, of names only. This tokenizer takes every letter beyond ASCII for part of a word.
CREATE VIRTUAL TABLE gram USING fts5 (
  grams, content = '', columnsize = 0, detail = none, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE gram_frequency USING fts5vocab (gram, row);
