-- The read model: the relation topics as tables that can be queried. Any change here, a comment too, has every read
-- model built anew at its next start. Scores are in tenths, as they are added up exactly; `at` is in milliseconds.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Up to where each partition is read, and below which offset its changes are no longer in `changes`.
CREATE TABLE positions (
  topic TEXT, partition INTEGER, next INTEGER NOT NULL, forgotten INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition)
) WITHOUT ROWID;

-- relations.daily, each row as it was published.
CREATE TABLE days (
  dyad TEXT, day TEXT, other INTEGER NOT NULL, row BLOB NOT NULL,
  PRIMARY KEY (dyad, day)
) WITHOUT ROWID;

-- relations.events. direction: 0 reciprocal, 1 the dyad's first state acts, 2 its second. counted: the day under which
-- the event enters every measure; null unless it happened and its day is known. date: empty where none is known.
CREATE TABLE events (
  id TEXT PRIMARY KEY, dyad TEXT NOT NULL, direction INTEGER NOT NULL, type TEXT NOT NULL, quad INTEGER NOT NULL,
  cameo TEXT NOT NULL, status TEXT NOT NULL, date TEXT NOT NULL, counted TEXT, goldstein INTEGER NOT NULL,
  intensity INTEGER NOT NULL, mentions INTEGER NOT NULL, outlets INTEGER NOT NULL, at INTEGER NOT NULL
);
CREATE INDEX events_by_date ON events (date, id);
CREATE INDEX events_by_time ON events (at, id);
CREATE INDEX events_of_dyad ON events (dyad, date, id);
CREATE INDEX counted_of_dyad ON events (dyad, counted, direction, quad, type, goldstein, intensity, mentions, id)
  WHERE counted IS NOT NULL;
CREATE INDEX counted_by_day ON events (counted, dyad, type, quad, goldstein, intensity, mentions)
  WHERE counted IS NOT NULL;

-- Outlets by number; 0 stands for articles that name none.
CREATE TABLE outlets (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
INSERT INTO outlets VALUES (0, NULL);

-- relations.mentions, each row as it was published; text is the evidence sentence.
CREATE TABLE mentions (
  id INTEGER PRIMARY KEY, event TEXT NOT NULL, article TEXT NOT NULL, dyad TEXT NOT NULL, outlet INTEGER NOT NULL,
  confidence REAL NOT NULL, text TEXT NOT NULL, row BLOB NOT NULL, at INTEGER NOT NULL,
  UNIQUE (event, article)
);
CREATE INDEX outlets_of_event ON mentions (event, outlet);
CREATE INDEX mentions_of_article ON mentions (article, event);
CREATE VIRTUAL TABLE evidence USING fts5 (
  text, content = 'mentions', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

-- What is asked of all dyads at once, kept up to date dyad by dyad; `dirty` are those whose turn is still to come.
CREATE TABLE dyads (
  dyad TEXT PRIMARY KEY, a TEXT NOT NULL, b TEXT NOT NULL, events INTEGER NOT NULL, mentions INTEGER NOT NULL,
  positive INTEGER NOT NULL, negative INTEGER NOT NULL, intensity INTEGER NOT NULL, weighted INTEGER NOT NULL,
  q1 INTEGER NOT NULL, q2 INTEGER NOT NULL, q3 INTEGER NOT NULL, q4 INTEGER NOT NULL, first TEXT, last TEXT,
  other INTEGER NOT NULL, heat REAL, heat_days INTEGER NOT NULL, heat_day TEXT
) WITHOUT ROWID;
CREATE INDEX dyads_of_b ON dyads (b);
CREATE TABLE dyad_types (
  dyad TEXT, type TEXT, quad INTEGER NOT NULL, events INTEGER NOT NULL, mentions INTEGER NOT NULL,
  positive INTEGER NOT NULL, negative INTEGER NOT NULL, intensity INTEGER NOT NULL, weighted INTEGER NOT NULL,
  first TEXT NOT NULL, last TEXT NOT NULL,
  PRIMARY KEY (dyad, type)
) WITHOUT ROWID;
CREATE TABLE dirty (dyad TEXT PRIMARY KEY) WITHOUT ROWID;

-- articles.dead: the letters in force. key is null of a message that came without one, then place tells them apart.
CREATE TABLE letters (
  partition INTEGER, mark TEXT, at INTEGER NOT NULL, place TEXT NOT NULL, article TEXT NOT NULL, reason TEXT NOT NULL,
  stage TEXT NOT NULL, error TEXT NOT NULL, origin TEXT NOT NULL, attempt TEXT NOT NULL,
  PRIMARY KEY (partition, mark)
) WITHOUT ROWID;
CREATE INDEX letters_by_time ON letters (at);

-- The last changes, for listeners that come back.
CREATE TABLE changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
  kind TEXT NOT NULL, dyad TEXT NOT NULL, type TEXT, data BLOB NOT NULL
);
CREATE INDEX changes_by_offset ON changes (topic, partition, offset);
