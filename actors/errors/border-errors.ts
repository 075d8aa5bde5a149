import { define } from './define.ts';

export const borderErrors = {
  'border.unknown-main': define<{ region: string; main: string }>(
    403,
    (p) => `The border of ${p.region} relays to no main region at ${JSON.stringify(p.main.slice(0, 100))}.`,
    'Write the same `link.mains` in the file of the further gateway as in that of the region.',
  ),
  'border.unknown-peer': define<{ region: string; peer: string }>(
    403,
    (p) => `The border of ${p.region} knows no region ${p.peer.slice(0, 100)}.`,
    'Add the region to `border.peers` of the other one, too: both have to know each other.',
  ),
  'border.peer-lost': define<{ region: string; detail: string }>(
    503,
    (p) => `The border of ${p.region} is not there: ${p.detail}.`,
    'Check that the other region runs and that its border can be reached; the stream is opened again by itself.',
  ),
};
