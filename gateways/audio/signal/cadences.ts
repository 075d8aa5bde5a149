/** A network's tones, each as `frequencies cadence`; see `readCadence`. */
export interface NetworkTones {
  readonly ringback: string;
  readonly busy: string;
  readonly congestion: string;
}

/**
 * The tones of national networks (ITU-T E.180 and its supplement 2), by the country names that TwiML's `ringTone`
 * takes.
 *
 * `440+480` is two frequencies in hertz at once, `400*25` is 400 Hz whose level swings 25 times a second; a cadence
 * is milliseconds of tone and of silence in turn.
 */
export const networkTones: Readonly<Record<string, NetworkTones>> = {
  at: { ringback: '420 1000/5000', busy: '420 400/400', congestion: '420 200/200' },
  au: { ringback: '413+438 400/200/400/2000', busy: '425 375/375', congestion: '420 375/375' },
  be: { ringback: '425 1000/3000', busy: '425 500/500', congestion: '425 167/167' },
  bg: { ringback: '425 1000/4000', busy: '425 500/500', congestion: '425 250/250' },
  br: { ringback: '425 1000/4000', busy: '425 250/250', congestion: '425 250/250/750/250' },
  ch: { ringback: '425 1000/4000', busy: '425 500/500', congestion: '425 200/200' },
  cl: { ringback: '400 1000/3000', busy: '400 500/500', congestion: '400 200/200' },
  cn: { ringback: '450 1000/4000', busy: '450 350/350', congestion: '450 700/700' },
  cz: { ringback: '425 1000/4000', busy: '425 330/330', congestion: '425 165/165' },
  de: { ringback: '425 1000/4000', busy: '425 480/480', congestion: '425 240/240' },
  dk: { ringback: '425 1000/4000', busy: '425 500/500', congestion: '425 200/200' },
  ee: { ringback: '425 1000/4000', busy: '425 300/300', congestion: '425 200/200' },
  es: { ringback: '425 1500/3000', busy: '425 200/200', congestion: '425 200/200/200/200/200/600' },
  fi: { ringback: '425 1000/4000', busy: '425 300/300', congestion: '425 200/200' },
  fr: { ringback: '440 1500/3500', busy: '440 500/500', congestion: '440 250/250' },
  gr: { ringback: '425 1000/4000', busy: '425 300/300', congestion: '425 200/200' },
  hu: { ringback: '425 1250/3750', busy: '425 300/300', congestion: '425 300/300' },
  il: { ringback: '400 1000/3000', busy: '400 500/500', congestion: '400 250/250' },
  in: { ringback: '400*25 400/200/400/2000', busy: '400 750/750', congestion: '400 250/250' },
  it: { ringback: '425 1000/4000', busy: '425 500/500', congestion: '425 200/200' },
  jp: { ringback: '400*16 1000/2000', busy: '400 500/500', congestion: '400 500/500' },
  lt: { ringback: '425 1000/4000', busy: '425 350/350', congestion: '425 200/200' },
  mx: { ringback: '425 1000/4000', busy: '425 250/250', congestion: '425 250/250' },
  my: { ringback: '425 400/200/400/2000', busy: '425 500/500', congestion: '425 500/500' },
  nl: { ringback: '425 1000/4000', busy: '425 500/500', congestion: '425 250/250' },
  no: { ringback: '425 1000/4000', busy: '425 500/500', congestion: '425 200/200' },
  nz: { ringback: '400+450 400/200/400/2000', busy: '400 500/500', congestion: '400 250/250' },
  ph: { ringback: '425+480 1000/4000', busy: '480+620 500/500', congestion: '480+620 250/250' },
  pl: { ringback: '425 1000/4000', busy: '425 500/500', congestion: '425 500/500' },
  pt: { ringback: '425 1000/5000', busy: '425 500/500', congestion: '425 200/200' },
  ru: { ringback: '425 800/3200', busy: '425 350/350', congestion: '425 175/175' },
  se: { ringback: '425 1000/5000', busy: '425 250/250', congestion: '425 250/750' },
  sg: { ringback: '425*24 400/200/400/2000', busy: '425 750/750', congestion: '425 250/250' },
  th: { ringback: '400*50 1000/4000', busy: '400 500/500', congestion: '400 300/300' },
  tw: { ringback: '440+480 1000/2000', busy: '480+620 500/500', congestion: '480+620 250/250' },
  uk: { ringback: '400+450 400/200/400/2000', busy: '400 375/375', congestion: '400 400/350/225/525' },
  us: { ringback: '440+480 2000/4000', busy: '480+620 500/500', congestion: '480+620 250/250' },
  'us-old': { ringback: '420*40 2000/4000', busy: '500*100 500/500', congestion: '500*100 250/250' },
  ve: { ringback: '425 1000/4000', busy: '425 500/500', congestion: '425 250/250' },
  za: { ringback: '400*33 400/200/400/2000', busy: '400 500/500', congestion: '400 250/250' },
};

/** A tone as it sounds: frequencies in hertz, modulation in hertz, on and off in turn in milliseconds. */
export interface Cadence {
  readonly frequencies: readonly number[];
  readonly modulation?: number;
  readonly durations: readonly number[];
}

/** Reads the notation of the table above. */
export const readCadence = (notation: string): Cadence => {
  const [tone, durations] = notation.split(' ') as [string, string];
  const [carrier, modulation] = tone.split('*') as [string, string?];
  return {
    frequencies: carrier.split('+').map(Number),
    modulation: modulation === undefined ? undefined : Number(modulation),
    durations: durations.split('/').map(Number),
  };
};
