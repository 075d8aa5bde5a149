import { TandemError } from '../errors/index.ts';
import { limits } from '../peers/index.ts';
import type { ReportMessage } from './service.ts';

/** How streams of media did together since the report before. Times in milliseconds. */
export interface Quality {
  readonly streams: number;
  readonly packets: number;
  /** Share of the packets that never came, 0 to 1. */
  readonly loss: number;
  readonly jitter: number;
  readonly roundTrip?: number;
  /** Mean opinion score, 1 to 4.5. */
  readonly mos?: number;
}

/** What came in, by our own measurement, and what the other ends report of what we sent. */
export interface BothWays {
  readonly heard?: Quality;
  readonly told?: Quality;
}

/** How one leg in progress did since the report before. */
export interface LegQuality extends BothWays {
  readonly legId: string;
  readonly callSid: string;
  /** '' for a leg to a SIP URI. */
  readonly trunk: string;
}

/** Media of others that came to the ports of legs, since the gateway's process began. */
export interface ContestedMedia {
  /** Legs to which somebody else sent, too. */
  readonly legs: number;
  /** Packets that were not heard for that, of legs that are over. */
  readonly packets: number;
}

/** How a gateway is at the moment; the newest report counts, and none is kept. */
export interface GatewayReport {
  /** Legs in progress. */
  readonly legs: number;
  readonly draining: boolean;
  readonly services: readonly {
    readonly name: string;
    readonly sessions: number;
    readonly healthy: boolean;
  }[];
  readonly trunks: readonly (BothWays & { readonly name: string; readonly up: boolean })[];
  /** Of the legs to SIP URIs, which go over no trunk. */
  readonly sipUris?: BothWays;
  /** The legs that sound worst, the worst first. */
  readonly worst?: readonly LegQuality[];
  /** Absent from gateways of older releases. */
  readonly contested?: ContestedMedia;
  /** The ways from here to other regions. */
  readonly routes: readonly (BothWays & {
    readonly region: string;
    /** Whether the border there answers ours. */
    readonly up: boolean;
    /** Between the borders; milliseconds. */
    readonly roundTrip?: number;
    readonly jitter?: number;
    /** Pipes in progress from this gateway. */
    readonly pipes: number;
  })[];
}

type QualityMessage = NonNullable<NonNullable<ReportMessage['trunks']>[number]['heard']>;

/** @throws link.bad-message; `peer` names the sender in it */
export function decodeReport(message: ReportMessage, peer: string): GatewayReport {
  const bad = (detail: string): TandemError =>
    new TandemError('link.bad-message', { peer, detail: `report: ${detail}` });
  const within = (what: string, value: number | null | undefined, most: number): number => {
    const given = value ?? 0;
    if (!(given >= 0 && given <= most)) throw bad(`${what} ${given} is not from 0 to ${most}`);
    return given;
  };
  const perhaps = <K extends string>(key: K, value: number | null | undefined): { [key in K]?: number } =>
    value === null || value === undefined
      ? {}
      : ({ [key]: within(key, value, MOST) } as { [key in K]?: number });
  const name = (text: string | null | undefined): string => {
    if (!text || text.length > limits.name) throw bad(`a name is empty or longer than ${limits.name}`);
    return text;
  };
  const several = <T>(what: string, list: readonly T[] | null | undefined): readonly T[] => {
    if ((list?.length ?? 0) > limits.reportEntries)
      throw bad(`more than ${limits.reportEntries} ${what} in one`);
    return list ?? [];
  };
  const quality = <K extends 'heard' | 'told'>(
    key: K,
    given: QualityMessage | null | undefined,
  ): { [key in K]?: Quality } =>
    given
      ? ({
          [key]: {
            streams: within('streams', given.streams, MOST),
            packets: within('packets', given.packets, MOST),
            loss: within('loss', given.loss, 1),
            jitter: within('jitter', given.jitter, MOST),
            ...perhaps('roundTrip', given.roundTrip),
            ...perhaps('mos', given.mos),
          },
        } as { [key in K]?: Quality })
      : {};
  return {
    legs: within('legs', message.legs, MOST),
    draining: message.draining ?? false,
    services: several('services', message.services).map((one) => ({
      name: name(one.name),
      sessions: within('sessions', one.sessions, MOST),
      healthy: one.healthy ?? false,
    })),
    trunks: several('trunks', message.trunks).map((one) => ({
      name: name(one.name),
      up: one.up ?? false,
      ...quality('heard', one.heard),
      ...quality('told', one.told),
    })),
    ...(message.sipUris && {
      sipUris: { ...quality('heard', message.sipUris.heard), ...quality('told', message.sipUris.told) },
    }),
    ...(message.contested && {
      contested: {
        legs: within('contested legs', message.contested.legs, MOST),
        packets: within('packets of others', message.contested.packets, MOST),
      },
    }),
    worst: several('legs', message.worst).map((one) => ({
      legId: name(one.legId),
      callSid: name(one.callSid),
      trunk: one.trunk ? name(one.trunk) : '',
      ...quality('heard', one.heard),
      ...quality('told', one.told),
    })),
    routes: several('routes', message.routes).map((one) => ({
      region: name(one.region),
      up: one.up ?? false,
      ...perhaps('roundTrip', one.roundTrip),
      ...perhaps('jitter', one.jitter),
      pipes: within('pipes', one.pipes, MOST),
      ...quality('heard', one.heard),
      ...quality('told', one.told),
    })),
  };
}

/** No figure of a report is larger. */
const MOST = 1e12;
