import type { DatabaseSync } from 'node:sqlite';

// Kept in the file's user_version.
const SCHEMA_VERSION = 1;

/**
 * Streams have short numbers, which makes the index by stream and revision half as large and appends twice as
 * fast as names would. A deletion takes a position of its own, so that no position is ever used again.
 * `loose_events` finds events appended with the expectation `any` by id; for others their revision says where
 * to look. `history` is for people.
 */
const SCHEMA = `
  CREATE TABLE streams (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    deleted_at INTEGER
  ) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES streams (key),
    revision INTEGER NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    time REAL NOT NULL,
    region TEXT NOT NULL,
    cause TEXT NOT NULL,
    correlation TEXT NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_by_stream ON events (stream, revision);
  CREATE TABLE loose_events (
    stream INTEGER NOT NULL REFERENCES streams (key),
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (stream, id)
  ) STRICT, WITHOUT ROWID;
  CREATE VIEW history AS
    SELECT position, name AS stream, revision, id, type, version,
      datetime(time / 1000, 'unixepoch') AS time, region, cause, correlation, data
    FROM events JOIN streams ON streams.key = events.stream ORDER BY position;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Deleted streams of which events are still in the file: a long one is removed some events at a time. It was added later,
 * and a program that does not know it does not miss it.
 */
const SWEEPS =
  'CREATE TABLE IF NOT EXISTS sweeps (stream INTEGER PRIMARY KEY REFERENCES streams (key)) STRICT';

/**
 * Finds what lists begin with, however many other events there are. It was added later, so a file may be without it as
 * long as nobody has written it since; a program that does not know it keeps it up all the same.
 */
const LISTED_TYPES = `
  CREATE INDEX IF NOT EXISTS events_of_listed_types ON events (type) WHERE type = 'CallReceived';
  CREATE INDEX IF NOT EXISTS events_of_archived_calls ON events (type) WHERE type = 'CallArchived';
`;

/**
 * Makes the tables in a new file, or checks that those of an old one are this version's.
 *
 * @throws whatever SQLite says of a file that it cannot read; Error when the file is something else
 */
export const prepareSchema = (database: DatabaseSync, readOnly: boolean): void => {
  const version = database.prepare('PRAGMA user_version').get()?.user_version;
  if (version === SCHEMA_VERSION) {
    if (!readOnly) database.exec(`${SWEEPS}; ${LISTED_TYPES}`);
    return;
  }
  if (version !== 0) throw new Error(`it has schema version ${version}, this is for ${SCHEMA_VERSION}`);
  if (readOnly) throw new Error('it holds no event store');
  database.exec(`BEGIN; ${SCHEMA} ${SWEEPS}; ${LISTED_TYPES} COMMIT`);
};
