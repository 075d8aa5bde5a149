import { type CallStep, current, fetchDocument } from '../../machines/execution/index.ts';
import type { Verb } from '../verb.ts';
import { readRedirect } from './read.ts';

const fetchOther: CallStep = (context, event) => fetchDocument(context, event, current(context, 'redirect'));

/** Goes on with the document of another URL. */
export const redirect: Verb = {
  name: 'redirect',
  reader: readRedirect,
  beginnings: [{ target: 'fetching', steps: [fetchOther] }],
  asksApplication: () => 'Redirect asks for another document',
};
