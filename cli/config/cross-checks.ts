import { isIP } from 'node:net';
import { parseStaticDocument } from '@tandem/actors/documents/twiml';
import { asRecorded } from '@tandem/actors/errors';
import { nearest } from '@tandem/actors/text';
import { transportOf } from '@tandem/gateways/sip';
import { parseSipListener } from '../addresses/index.ts';
import type { MainConfig } from './main-config.ts';
import type { RegionConfig } from './region-config.ts';
import type { KeyPath } from './source.ts';
import { documentOf } from './static-numbers.ts';

/** Something wrong between keys that are each right. */
export interface Conflict {
  readonly path: KeyPath;
  readonly says: string;
}

/** A check that looks at more than one key; it runs when everything under the keys it `reads` is in order. */
export interface CrossCheck<C> {
  readonly reads: readonly (keyof C & string)[];
  readonly find: (config: C) => Conflict[];
}

export const mainChecks: readonly CrossCheck<MainConfig>[] = [
  {
    reads: ['accounts'],
    find: ({ accounts }) =>
      repeated(
        accounts.map(({ sid }) => sid),
        (at) => ['accounts', at, 'sid'],
      ),
  },
  {
    reads: ['numbers'],
    find: ({ numbers }) =>
      repeated(
        numbers.map(({ number }) => number),
        (at) => ['numbers', at, 'number'],
      ),
  },
  {
    reads: ['accounts', 'numbers'],
    find: ({ accounts, numbers }) => {
      const sids = accounts.map(({ sid }) => sid);
      return numbers.flatMap(({ account }, at) => {
        if (sids.includes(account)) return [];
        const meant = nearest(account, sids, 4) ?? 'the sid of one of them';
        const says = `is ${account}, but no account of the list "accounts" has that sid; write ${meant}, or add the account.`;
        return [{ path: ['numbers', at, 'account'], says }];
      });
    },
  },
  {
    reads: ['link', 'api'],
    find: ({ link, api }) =>
      link.listen === api.listen && !api.listen.endsWith(':0')
        ? [
            {
              path: ['api', 'listen'],
              says: `is ${api.listen}, which link.listen has already; write another port.`,
            },
          ]
        : [],
  },
];

export const regionChecks: readonly CrossCheck<RegionConfig>[] = [
  {
    reads: ['media'],
    find: ({ media: { bind, advertise } }) =>
      advertise === undefined || isIP(advertise) === isIP(bind)
        ? []
        : [
            {
              path: ['media', 'advertise'],
              says: `is an IPv${isIP(advertise)} address, and media.bind (${bind}) is not; media has one family: write an IPv${isIP(bind)} address, or bind to one of the other.`,
            },
          ],
  },
  {
    reads: ['trunks'],
    find: ({ trunks }) =>
      repeated(
        trunks.map(({ name }) => name),
        (at) => ['trunks', at, 'name'],
      ),
  },
  {
    reads: ['trunks'],
    find: ({ trunks }) =>
      trunks.flatMap(({ username, password }, at) => {
        if ((username === undefined) === (password === undefined)) return [];
        const [present, missing] =
          username === undefined ? ['password', 'username'] : ['username', 'password'];
        return [
          { path: ['trunks', at, present], says: `stands without ${missing}; write both, or neither.` },
        ];
      }),
  },
  {
    reads: ['trunks'],
    find: ({ trunks }) =>
      trunks.flatMap(({ authenticate }, at) =>
        repeated(
          authenticate.map(({ username }) => username),
          (one) => ['trunks', at, 'authenticate', one, 'username'],
        ),
      ),
  },
  {
    reads: ['staticNumbers'],
    find: ({ staticNumbers }) => [
      ...repeated(
        staticNumbers.map(({ number }) => number),
        (at) => ['staticNumbers', at, 'number'],
      ),
      ...staticNumbers.flatMap(({ dial, twiml }, at) => {
        const path = ['staticNumbers', at];
        if (dial !== undefined && twiml !== undefined)
          return [{ path: [...path, 'dial'], says: 'stands beside twiml; write either.' }];
        if (dial === undefined && twiml === undefined)
          return [{ path, says: 'says nothing of what its callers get; write dial or twiml.' }];
        const wrong = whyNotStatic(documentOf({ dial, twiml }));
        return wrong === undefined
          ? []
          : [{ path: [...path, dial === undefined ? 'twiml' : 'dial'], says: `cannot be run: ${wrong}` }];
      }),
    ],
  },
  {
    reads: ['link'],
    find: ({ link }) =>
      repeated(
        link.mains.map(({ name }) => name),
        (at) => ['link', 'mains', at, 'name'],
      ),
  },
  {
    reads: ['link'],
    find: ({ link }) =>
      link.mains.flatMap(({ address, routers }, at) => {
        const path = ['link', 'mains', at];
        if ((address === undefined) === (routers === undefined))
          return [
            address === undefined
              ? { path, says: 'does not say where it is; write address, or routers.' }
              : { path: [...path, 'address'], says: 'stands beside routers; write either.' },
          ];
        return repeated(
          (routers ?? []).map(({ name }) => name),
          (router) => [...path, 'routers', router, 'name'],
        );
      }),
  },
  {
    reads: ['border'],
    find: ({ border }) =>
      repeated(
        (border?.peers ?? []).map(({ region }) => region),
        (at) => ['border', 'peers', at, 'region'],
      ),
  },
  {
    reads: ['region', 'border'],
    find: ({ region, border }) =>
      (border?.peers ?? []).flatMap((peer, at) =>
        peer.region === region
          ? [
              {
                path: ['border', 'peers', at, 'region'],
                says: `is ${region}, which is this region; write another.`,
              },
            ]
          : [],
      ),
  },
  {
    reads: ['region', 'services', 'link'],
    find: ({ region, link, border, services }) => {
      const home = services?.speech?.proxyOf;
      const path = ['services', 'speech', 'proxyOf'];
      if (home === undefined) return [];
      if (home === region)
        return [{ path, says: `is ${region}, which is this region; write another, or leave it out.` }];
      // A further gateway asks the border of its region, whose peers are in the file of the first one.
      // What is wrong with the border itself is said elsewhere.
      const isPeer = [border?.peers ?? []].flat().some((peer) => peer?.region === home);
      const isKnown = link.border !== undefined || isPeer;
      return isKnown
        ? []
        : [
            {
              path,
              says: `is ${home}, which is not among border.peers; add it there, or write one of them.`,
            },
          ];
    },
  },
  {
    reads: ['link', 'border'],
    find: ({ link, border }) =>
      link.border !== undefined && border
        ? [
            {
              path: ['link', 'border'],
              says: 'is for a further gateway, and the group border for the region’s first one; write either.',
            },
          ]
        : [],
  },
  {
    reads: ['sip'],
    find: ({ sip }) =>
      sip.tls
        ? []
        : sip.listen.flatMap((text, at) =>
            transportOf(parseSipListener(text)!.transport).isSecure
              ? [
                  {
                    path: ['sip', 'listen', at],
                    says: `is ${text}, which needs a certificate; write sip.tls with cert and key.`,
                  },
                ]
              : [],
          ),
  },
];

function whyNotStatic(document: string): string | undefined {
  try {
    parseStaticDocument(document);
    return undefined;
  } catch (error) {
    return asRecorded(error).message;
  }
}

/** A conflict for each value that stands in a list for the second time. */
function repeated(values: readonly string[], pathOf: (at: number) => KeyPath): Conflict[] {
  return values.flatMap((value, at) => {
    const first = values.indexOf(value);
    return first < at
      ? [
          {
            path: pathOf(at),
            says: `is ${value} again, as in entry ${first + 1} of the list; each must differ.`,
          },
        ]
      : [];
  });
}
