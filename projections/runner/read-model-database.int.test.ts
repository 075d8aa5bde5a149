import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqliteFileForReading } from '@tandem/actors/stores/sqlite';
import { openReadModelDatabase } from './read-model-database.ts';

const sql = 'CREATE TABLE colours (name TEXT PRIMARY KEY) STRICT';
let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tandem-read-models-'));
  file = join(directory, 'colours.db');
});
afterEach(() => rm(directory, { recursive: true }));

const colours = (version: number, ...add: string[]): unknown[] => {
  const { writer, close } = openReadModelDatabase(file, { version, sql });
  for (const name of add) writer.prepare('INSERT INTO colours VALUES (?)').run(name);
  const names = writer.prepare('SELECT name FROM colours ORDER BY name').all();
  close();
  return names.map(({ name }) => name);
};

describe('a database of read models', () => {
  it('keeps what is in it', () => {
    expect(colours(1, 'red')).toEqual(['red']);
    expect(colours(1, 'blue')).toEqual(['blue', 'red']);
  });

  it('of another schema version is begun anew', () => {
    colours(1, 'red');
    expect(colours(2, 'green')).toEqual(['green']);
    expect(colours(1)).toEqual([]);
  });

  it('lets a reader see what is committed, and write nothing', () => {
    const { writer, close } = openReadModelDatabase(file, { version: 1, sql });
    const { database: reader, release } = openSqliteFileForReading(file);
    writer.exec("BEGIN; INSERT INTO colours VALUES ('red')");
    expect(reader.prepare('SELECT name FROM colours').all()).toEqual([]);
    writer.exec('COMMIT');
    expect(reader.prepare('SELECT name FROM colours').all()).toMatchObject([{ name: 'red' }]);
    expect(() => reader.exec('DELETE FROM colours')).toThrow(/readonly/);
    release();
    close();
  });

  it('that cannot be opened says so', () => {
    expect(() => openReadModelDatabase(directory, { version: 1, sql })).toThrow('cannot be used');
  });
});
