import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { define } from '@tandem/actors/errors';
import { errorsPage } from './errors-page.ts';
import { eventsPage } from './events-page.ts';
import { generatedPages } from './pages.ts';

describe('the generated pages of docs/', () => {
  it.each(generatedPages.map((one) => [basename(one.file), one] as const))(
    '%s is what `npm run docs` writes',
    (_, { file, content }) => {
      expect(readFileSync(file, 'utf8')).toBe(content());
    },
  );
});

describe('errorsPage', () => {
  it('shows parameters by name, lists among them, and escapes what Markdown would take', () => {
    const entry = define<{ word: string; allowed: readonly string[] }>(
      422,
      (p) => `<${p.word}> is none of ${p.allowed.map((one) => `"${one}"`).join(', ')}.`,
      'Write a | b.',
    );
    expect(errorsPage({ 'area.what': entry })).toContain(
      '| `area.what` | 422 | &lt;{word}> is none of "{allowed}". | Write a \\| b. |',
    );
  });
});

describe('eventsPage', () => {
  const proto = `syntax = "proto3";
// All events.
package demo.v1;
// ---------------------------------------------------------------- door: a thing that opens
//
// Doors are simple.

// Somebody opened it.
message Opened { string by = 1; optional Key key = 2; } // with or without a key
message Key {
  uint32 teeth = 1; // how many
}
`;
  it('groups messages by section and says who takes them and what they are part of', () => {
    const page = eventsPage(proto, [{ name: 'door', takes: ['Opened'] }]);
    expect(page).toContain('All events.\n\n## Door: a thing that opens\n\nDoors are simple.\n\n### Opened');
    expect(page).toContain('Taken by: door.');
    expect(page).toContain('| `key` | optional Key |');
    expect(page).toContain(
      '### Key\n\nPart of: Opened.\n\n| Field | Type | Meaning |\n| --- | --- | --- |\n| `teeth` | uint32 | how many |',
    );
  });
});
