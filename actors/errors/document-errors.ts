import { define } from './define.ts';

/** Where in an application document something is: its URL without credentials, line from 1, column from 1. */
export interface DocumentPlace {
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

const at = (p: DocumentPlace): string => `line ${p.line}, column ${p.column} of ${p.url}`;
const meant = (suggestion: string | undefined): string =>
  suggestion === undefined ? '' : ` Did you mean <${suggestion}>?`;

export const documentErrors = {
  // What a document says.
  'document.bad-xml': define<DocumentPlace & { detail: string }>(
    422,
    (p) => `The document is not well-formed XML at ${at(p)}: ${p.detail}.`,
    'Correct the XML; write & as &amp; and < as &lt; in text and attributes, and leave out any DOCTYPE.',
  ),
  'document.too-complex': define<DocumentPlace & { detail: string }>(
    422,
    (p) => `The document has ${p.detail}, at ${at(p)}.`,
    'Split it into smaller documents joined by <Redirect>.',
  ),
  'document.bad-root': define<DocumentPlace & { element: string }>(
    422,
    (p) => `The document's root element is <${p.element}>, at ${at(p)}.`,
    'Put the instructions into one <Response> element (names are case-sensitive).',
  ),
  'document.not-static': define<{ what: string }>(
    422,
    (p) => `The document of a static number cannot be run without an application: ${p.what}.`,
    'Use Say, Play (with a whole URL), Pause, Dial (without action), Reject and Hangup; or give the number an application in the main region.',
  ),
  'document.no-static-number': define<{ number: string }>(
    404,
    (p) => `${p.number} is not among the static numbers of this gateway any more.`,
    'Put it back into staticNumbers, or let its calls end.',
  ),
  'document.unknown-verb': define<DocumentPlace & { element: string; parent: string; suggestion?: string }>(
    422,
    (p) => `<${p.element}> in <${p.parent}> at ${at(p)} is not known.${meant(p.suggestion)}`,
    'Use a verb or noun of TwiML for voice; names are case-sensitive.',
  ),
  'document.unsupported-verb': define<DocumentPlace & { element: string }>(
    422,
    (p) => `<${p.element}> at ${at(p)} is a TwiML verb that this version does not run.`,
    'Take it out of the document, or answer without it.',
  ),
  'document.not-in-queue': define(
    422,
    () => 'The document says Leave to a call that waits in no queue.',
    'Say Leave only in the document of an Enqueue’s waitUrl.',
  ),
  'document.misplaced-verb': define<
    DocumentPlace & { element: string; parent: string; allowed: readonly string[] }
  >(
    422,
    (p) =>
      `<${p.element}> at ${at(p)} may not stand in <${p.parent}>, which takes ${
        p.allowed.length === 0 ? 'no elements' : p.allowed.map((one) => `<${one}>`).join(', ')
      }.`,
    'Move it to where it may stand.',
  ),
  'document.bad-attribute': define<
    DocumentPlace & { element: string; attribute: string; value: string; allowed: string }
  >(
    422,
    (p) => `${p.attribute}="${p.value}" of <${p.element}> at ${at(p)} is not allowed: ${p.allowed}.`,
    'Correct or remove the attribute.',
  ),
  'document.unsupported-attribute': define<
    DocumentPlace & { element: string; attribute: string; value: string }
  >(
    422,
    (p) =>
      `${p.attribute}="${p.value}" of <${p.element}> at ${at(p)} is TwiML that this version does not run.`,
    'Remove the attribute, or give it a value that the documentation of this version lists.',
  ),
  'document.bad-content': define<DocumentPlace & { element: string; detail: string }>(
    422,
    (p) => `<${p.element}> at ${at(p)} ${p.detail}.`,
    'Correct what stands between its tags.',
  ),
  'document.too-many': define<{ url: string; megabytes: number }>(
    422,
    (p) =>
      `The call's documents are more than the ${p.megabytes} MiB that are kept of a call, the last from ${p.url}.`,
    'Give shorter documents, or the same one again where nothing has changed: it is kept once.',
  ),
  'document.endless': define<{ url: string; limit: number }>(
    422,
    (p) => `Documents followed each other without end: ${p.limit} within a minute, the last from ${p.url}.`,
    'Let a document play, wait for keys or hang up before it leads to the next one.',
  ),

  'document.account-gone': define<{ accountSid: string }>(
    410,
    (p) => `The account ${p.accountSid} of this call is not configured any more, so nothing is asked for it.`,
    'Put the account back, or let its calls end.',
  ),

  // How a document is fetched. URLs are without credentials.
  'document.bad-url': define<{ url: string; detail: string }>(
    422,
    (p) => `The URL ${p.url} cannot be requested: ${p.detail}.`,
    'Give a complete http:// or https:// URL.',
  ),
  'document.private-address': define<{ url: string; address: string; range: string }>(
    422,
    (p) => `The host of ${p.url} has the address ${p.address} (${p.range}), which is not requested.`,
    'Serve the application from a public address, or have the operator allow that network.',
  ),
  'document.bad-network': define<{ network: string }>(
    500,
    (p) => `"${p.network}" in allowPrivateNetworks is no network.`,
    'Write networks as 10.1.0.0/16 or fd12:3456::/32, and single addresses with /32 or /128.',
  ),
  'document.timeout': define<{ url: string; phase: 'connect' | 'answer'; milliseconds: number }>(
    504,
    (p) =>
      p.phase === 'connect'
        ? `No connection to the host of ${p.url} was made within ${p.milliseconds} ms.`
        : `${p.url} did not answer completely within ${p.milliseconds} ms.`,
    'Check that the host is up and that no firewall drops the request; answer first and work afterwards.',
  ),
  'document.unreachable': define<{ url: string; detail: string }>(
    502,
    (p) => `${p.url} could not be requested: ${p.detail}.`,
    'Check the host name, the port, the certificate, and that the server is running.',
  ),
  'document.too-large': define<{ url: string; limit: number }>(
    422,
    (p) => `The answer of ${p.url} is larger than ${p.limit} bytes.`,
    'Send a smaller document and go on in another one with <Redirect>.',
  ),
  'document.too-many-redirects': define<{ url: string; limit: number }>(
    502,
    (p) => `${p.url} was redirected more than ${p.limit} times.`,
    'Point the URL at its final place.',
  ),
  'document.bad-status': define<{ url: string; status: number }>(
    502,
    (p) => `${p.url} answered with HTTP status ${p.status}.`,
    'Make the application answer 200 with a document; its own log says why it did not.',
  ),
  'document.bad-type': define<{ url: string; type: string }>(
    422,
    (p) => `The answer of ${p.url} has the content type "${p.type}".`,
    'Answer with text/xml, application/xml, text/html, text/plain or audio/*, and without compression.',
  ),
};
