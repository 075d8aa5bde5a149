import { define } from './define.ts';

export const apiErrors = {
  'api.unauthorized': define(
    401,
    () => 'The account SID or auth token is missing or wrong.',
    'Send both with HTTP Basic authentication: the SID as user name, the auth token as password.',
  ),
  'api.not-operator': define(
    403,
    () => 'The account may not see or change the network itself.',
    'Ask with an account that the configuration of the main region calls an `operator`.',
  ),
  'api.gateway-away': define<{ gateway: string }>(
    503,
    (p) => `Gateway ${p.gateway} is not linked to this router.`,
    'Try again when it is back; GET /v1/gateways says who is there.',
  ),
  'api.not-there': define<{ url: string; detail: string }>(
    503,
    (p) => `The REST API at ${p.url} does not answer: ${p.detail}.`,
    'Check that the main region runs, and say with --api where its API is.',
  ),
  'api.refused': define<{ status: number; detail: string }>(
    502,
    (p) => `The REST API answered ${p.status}: ${p.detail}`,
    'Correct the command; --help says what it takes, and `tandem gateways` who is there.',
  ),
  'api.not-found': define<{ what: string }>(
    404,
    (p) => `There is no such ${p.what}, or it is another account's.`,
    'Check the path and the SIDs in it; /v1/openapi.json lists every path.',
  ),
  'api.bad-request': define<{ detail: string }>(
    400,
    (p) => `The request is not valid: ${p.detail}.`,
    'Correct the request; /v1/openapi.json says what each path takes.',
  ),
  'api.too-many-requests': define<{ perSecond: number }>(
    429,
    (p) => `The account sends more than ${p.perSecond} requests a second.`,
    'Wait a second, then send less.',
  ),
  'api.too-many-log-ins': define(
    429,
    () => 'Too many log-ins from your address have failed.',
    'Wait a minute, then send the right account SID and auth token.',
  ),
  'api.busy': define<{ limit: number }>(
    503,
    (p) => `${p.limit} requests of the account wait for an answer already.`,
    'Wait for those answers before more is asked.',
  ),
  'api.too-slow': define<{ seconds: number }>(
    503,
    (p) => `What was asked for was not found within ${p.seconds} seconds, and the search was ended.`,
    'Ask for less: a shorter span of StartTime, or one more filter that few calls pass.',
  ),
  'api.history-too-long': define<{ callSid: string; limit: number }>(
    413,
    (p) => `The history of call ${p.callSid} has more than ${p.limit} events.`,
    'Ask for it stream by stream: GET /v1/Calls/{Sid}/Streams names them.',
  ),
  'api.failed': define(
    500,
    () => 'Something failed that should not.',
    'Try again; if it fails again, report it with the time and path of the request.',
  ),
  'api.address-in-use': define<{ address: string; port: number }>(
    503,
    (p) => `The REST API cannot listen on ${p.address} port ${p.port}: another program does.`,
    'Stop that program, or set api.listen (TANDEM_API_LISTEN) to another port.',
  ),
  'api.cannot-listen': define<{ address: string; port: number; detail: string }>(
    503,
    (p) => `The REST API cannot listen on ${p.address} port ${p.port}: ${p.detail}.`,
    'Set api.listen (TANDEM_API_LISTEN) to an address that this machine has and a port that this user may open.',
  ),
  'api.unknown-call': define<{ callSid: string; meant: string }>(
    404,
    (p) => `The event store holds no call ${p.callSid}.${p.meant}`,
    'Run `tandem calls` for the newest calls.',
  ),
  'api.archived': define<{ callSid: string; at?: string; retention?: string }>(
    410,
    (p) =>
      `The events of call ${p.callSid} are kept no longer${p.at === undefined ? '' : `: they were removed on ${p.at} (${p.retention})`}.`,
    'The lists of calls still have it; how long events are kept is `retention.calls` in the configuration of the main region.',
  ),
  'api.no-such-moment': define<{ at: number; last: number }>(
    404,
    (p) => `The call's history has events 0 to ${p.last}, no event ${p.at}.`,
    'Ask for an event of the history.',
  ),
};
