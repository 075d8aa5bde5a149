import { dialDocument } from '@tandem/actors/documents/twiml';
import type { StaticNumber } from '@tandem/actors/router';
import type { RegionConfig } from './region-config.ts';

type Configured = RegionConfig['staticNumbers'][number];

/** The document of a number that needs no application. */
export const documentOf = ({ dial, twiml }: Pick<Configured, 'dial' | 'twiml'>): string =>
  twiml ?? dialDocument(dial!);

export const staticNumbersOf = ({ staticNumbers }: RegionConfig): StaticNumber[] =>
  staticNumbers.map(({ number, account, ...what }) => ({
    number,
    accountSid: account,
    document: documentOf(what),
  }));
