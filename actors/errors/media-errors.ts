import { define } from './define.ts';

export const mediaErrors = {
  'media.unknown-tone': define<{ name: string }>(
    400,
    (p) => `There is no tone named "${p.name}".`,
    'Use ringback, busy, congestion (each also with a country, such as ringback-uk), beep, or dtmf- and a key.',
  ),
};
