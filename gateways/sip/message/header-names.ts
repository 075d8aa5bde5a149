/** Compact forms of header names (RFC 3261, 7.3.3, and the IANA registry of SIP header fields). */
const COMPACT_FORMS = new Map([
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['n', 'identity-info'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
]);

/** Header fields whose values are lists, so that one field with commas says the same as several fields. */
const LISTS = new Set([
  'accept',
  'accept-contact',
  'accept-encoding',
  'accept-language',
  'alert-info',
  'allow',
  'allow-events',
  'call-info',
  'contact',
  'content-encoding',
  'content-language',
  'diversion',
  'error-info',
  'history-info',
  'in-reply-to',
  'p-asserted-identity',
  'p-preferred-identity',
  'path',
  'proxy-require',
  'reason',
  'record-route',
  'reject-contact',
  'request-disposition',
  'require',
  'route',
  'service-route',
  'supported',
  'unsupported',
  'via',
  'warning',
]);

/** The names as messages usually write them, found without lower-casing each time. */
const USUAL = new Map(
  [
    'Accept',
    'Allow',
    'Allow-Events',
    'Authorization',
    'Call-ID',
    'Contact',
    'Content-Disposition',
    'Content-Length',
    'Content-Type',
    'CSeq',
    'Date',
    'Event',
    'Expires',
    'From',
    'Max-Forwards',
    'Min-SE',
    'P-Asserted-Identity',
    'Privacy',
    'Proxy-Authorization',
    'RAck',
    'Reason',
    'Record-Route',
    'Refer-To',
    'Referred-By',
    'Replaces',
    'Require',
    'Route',
    'RSeq',
    'Server',
    'Session-Expires',
    'Subject',
    'Supported',
    'To',
    'User-Agent',
    'Via',
    'X-Tandem-Region',
  ].map((name) => [name, name.toLowerCase()]),
);

/** The one key of a header name, whichever its case and form: `v`, `VIA` and `Via` are `via`. */
export const headerKey = (name: string): string => {
  const usual = USUAL.get(name);
  if (usual !== undefined) return usual;
  const lower = name.toLowerCase();
  return COMPACT_FORMS.get(lower) ?? lower;
};

export const isListHeader = (key: string): boolean => LISTS.has(key);
