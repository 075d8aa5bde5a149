import { asRecorded, TandemError } from '@tandem/actors/errors';
import type { LegEffect } from '@tandem/actors/machines/leg';
import { reasonHeader, refusalStatus, warningHeader } from '@tandem/actors/machines/transition';
import type { EffectHandlers, EffectScope } from '@tandem/actors/runtime';
import type { Messages } from '@tandem/proto/generated/events.ts';
import { type CodecName, isCodecName } from '../audio/codecs/index.ts';
import type { MediaPlane, MediaStats } from '../media/index.ts';
import {
  agreedMedia,
  answerOffer,
  makeOffer,
  movedTo,
  namesHosts,
  noNames,
  type ResolveAddresses,
  readAnswer,
  withAddresses,
} from '../sdp/index.ts';
import type { BoundCredentials, DialogSession, UserAgent } from '../sip/index.ts';
import { type Origin, originFields } from '../sip/index.ts';
import type { FileLogins } from './file-logins.ts';
import { qualityOf } from './leg-quality.ts';
import { asDescribed, firstDescription, type LegResources, type LegTable } from './leg-resources.ts';
import type { MediaReach } from './media-reach.ts';
import { createMediaSources, type SourcesOf } from './media-sources.ts';

export interface LegEffectsOptions {
  readonly legs: LegTable;
  readonly userAgent: UserAgent;
  readonly media: MediaPlane;
  /** Of files to be played; none when absent. */
  readonly fileLogins?: FileLogins;
  /** Milliseconds without a packet after which media of a leg over a trunk counts as stopped; 0 never. */
  readonly silenceLimit: (trunk: string | undefined) => number;
  /** What may be used, the most wanted first; all that we have unless given. */
  readonly codecs?: readonly CodecName[];
  /** Finds the hosts that peers' descriptions name; without it they are refused. */
  readonly resolve?: ResolveAddresses;
  /** Where media may be sent for SDP's word alone; anywhere unless given. */
  readonly mediaReach?: MediaReach;
  /** Who may be heard beside the address in SDP; the peer's own hosts only unless given. */
  readonly sourcesOf?: SourcesOf;
  /** What a provider asks for, by the name of its trunk. */
  readonly credentials: (trunk: string) => BoundCredentials | undefined;
  /** Who we say that we are, on a trunk that is trusted. */
  readonly origin: (trunk: string, call: Pick<Origin, 'callSid' | 'action'>) => Origin | undefined;
  /** A leg is over a trunk from now on; or its INVITE was answered. */
  readonly onTrunk?: (legId: string, trunk: string) => void;
  readonly onAnswered?: (legId: string) => void;
  /** Resolves when it is a leg's turn to ask whether its peer is there: not all at once after a restart. */
  readonly turn: () => Promise<void>;
  /** Has what a session says heard by its leg. */
  readonly listen: (legId: string, session: DialogSession, route: number) => void;
}

/** Nothing is expected of a peer before it is known what was agreed, which is when it is watched. */
const UNWATCHED = 0;

const legOf = (scope: EffectScope): string => scope.stream.slice('leg-'.length);

/** How a gateway does what its legs ask for, with its SIP and media sessions. */
export function legEffects(options: LegEffectsOptions): EffectHandlers<LegEffect> {
  const { legs, userAgent, media, silenceLimit, codecs, resolve = noNames } = options;
  const sourcesOf = options.sourcesOf ?? createMediaSources([]);

  const sessionOf = <K extends 'session' | 'server'>(
    scope: EffectScope,
    as: K,
  ): NonNullable<LegResources[K]> => {
    const session = legs.get(legOf(scope))[as];
    if (!session) throw new TandemError('sip.session-over', { session: legOf(scope) });
    return session;
  };

  /** What cannot be said to the peer any more ends the leg; a dialog that is silent about it would not. */
  const orEnd = async (scope: EffectScope, act: () => unknown): Promise<void> => {
    try {
      await act();
    } catch (error) {
      await scope.tell('DialogFailed', asRecorded(error));
    }
  };

  const allocated = async (id: string, offer: string | undefined, wished: readonly string[] = []) => {
    const allocation = await media.allocate({ id, silenceLimit: UNWATCHED });
    const ours = { ...firstDescription(allocation), codecs };
    legs.get(id).ours = ours;
    const ports = { mediaId: id, address: ours.address, port: ours.port };
    if (offer === undefined)
      return { ...ports, sdp: makeOffer(ours, { codecs: wished.filter(isCodecName) }) };
    const { sdp, remote } = answerOffer(await withAddresses(offer, resolve), ours);
    return { ...ports, sdp, codec: remote.codec };
  };

  /** The ports of a leg that another process had, or others. */
  const allocatedAgain = async (id: string, ourSdp: string, port: number) => {
    const allocation = await media.allocate({ id, silenceLimit: UNWATCHED, port });
    const sdp = movedTo(ourSdp, allocation.address, allocation.port);
    const ours = { ...asDescribed(sdp, allocation), codecs };
    legs.get(id).ours = ours;
    return { mediaId: id, address: ours.address, port: ours.port, sdp };
  };

  const tellOfPorts = async (
    scope: EffectScope,
    ports: Promise<Messages['MediaAllocated']>,
  ): Promise<void> => {
    const outcome = await ports.then(
      (data) => scope.tell('MediaAllocated', data),
      (error) => scope.tell('MediaRefused', asRecorded(error)),
    );
    // A leg that ended meanwhile has given everything back, but not what came after.
    if (!outcome.taken) await giveBack(legOf(scope));
  };

  /** What a leg's media has counted, as long as it is there: a leg ends whether or not that can be said. */
  const measured = async (id: string): Promise<MediaStats | undefined> => {
    try {
      return await media.stats(id);
    } catch {
      return undefined;
    }
  };

  const giveBack = async (id: string): Promise<void> => {
    await media.release(id);
    legs.delete(id);
  };

  /** The peer may take its time to answer a BYE; its ports are given back meanwhile. */
  const endedWith = async (id: string, bye: Promise<number>): Promise<MediaStats | undefined> => {
    const stats = await measured(id);
    await media.release(id);
    await bye;
    return stats;
  };

  return {
    allocate: ({ offer, codecs: wished }, scope) =>
      tellOfPorts(scope, allocated(legOf(scope), offer, wished)),

    resume: ({ dialog, outbound, trunk, local, remote, weOffered, port, unacknowledged }, scope) =>
      orEnd(scope, () => {
        const id = legOf(scope);
        const credentials = trunk === undefined ? undefined : options.credentials(trunk);
        // Before anything is waited for: nothing is heard of the peer until all sessions are here.
        if (trunk !== undefined) options.onTrunk?.(id, trunk);
        const session = userAgent.restore(id, dialog, {
          outbound,
          credentials,
          local,
          remote,
          weOffered,
          unacknowledged,
        });
        const held = legs.get(id);
        held.session = session;
        held.host = dialog.peerAddress;
        options.listen(id, session, 0);
        return tellOfPorts(scope, allocatedAgain(id, local, port));
      }),

    async refresh({ sdp, moved }, scope) {
      const session = sessionOf(scope, 'session');
      await options.turn();
      if (session.over) return;
      const told = (offered: { offer: string; answer: string } | undefined) =>
        scope.tell('SessionRefreshed', { dialog: session.dialog, ...offered });
      try {
        const answer = moved ? await session.offer(sdp) : await session.refresh();
        await told(answer === undefined ? undefined : { offer: sdp, answer });
      } catch (error) {
        // A session that is over has told why. A peer that refuses is there, but would send to where nobody is.
        if (session.over) return;
        if (moved) await scope.tell('DialogFailed', asRecorded(error));
        else await told(undefined);
      }
    },

    async connect({ offerer, offer, answer, trunk }, scope) {
      const id = legOf(scope);
      const { ours, host } = legs.get(id);
      if (!ours) return;
      await orEnd(scope, async () => {
        const theirs = offerer === 'us' ? answer : offer;
        // What needs no names is connected at once, before what is to be done next.
        const located = namesHosts(theirs) ? await withAddresses(theirs, resolve) : theirs;
        const remote = offerer === 'us' ? readAnswer(offer, located) : agreedMedia(located, answer);
        if (!legs.get(id).ours) return;
        // On hold silence is no fault (requirement G6); where one side speaks, media knows when it is.
        media.setSilenceLimit(id, remote.direction === 'inactive' ? 0 : silenceLimit(trunk));
        const heardFirst = options.mediaReach?.(remote.address, trunk) === false;
        await media.connect(id, { ...remote, ...sourcesOf(trunk, host), ...(heardFirst && { heardFirst }) });
      });
    },

    ring: ({ sdp, offer }, scope) => orEnd(scope, () => sessionOf(scope, 'server').ring(sdp, offer)),
    answer: ({ sdp }, scope) =>
      orEnd(scope, () => {
        sessionOf(scope, 'server').answer(sdp);
        options.onAnswered?.(legOf(scope));
      }),
    acceptOffer: ({ answer }, scope) => orEnd(scope, () => sessionOf(scope, 'session').acceptOffer(answer)),

    invite: (effect, scope) =>
      orEnd(scope, () => {
        const { index, route, from, facts, sdp, timeout, callSid, action } = effect;
        const id = legOf(scope);
        const origin = options.origin(route.trunk, { callSid, action });
        options.onTrunk?.(id, route.trunk);
        const session = userAgent.invite({
          uri: route.uri,
          from,
          facts: origin ? facts : { ...facts, withheld: undefined },
          sdp,
          timeout,
          id,
          ...(route.trunk !== '' && { trunk: route.trunk }),
          credentials: options.credentials(route.trunk),
          headers: origin && originFields(origin),
        });
        const held = legs.get(id);
        held.session = session;
        held.client = session;
        held.route = index;
        held.offer = sdp;
        options.listen(id, session, index);
      }),

    abandon({ index }, scope) {
      const { client, route } = legs.get(legOf(scope));
      if (route === index) client?.abandon();
    },

    play: ({ playId, items, loop, accountSid: account }, scope) =>
      media.play(legOf(scope), {
        playId,
        items: options.fileLogins?.give(playId, items) ?? items,
        loop,
        ...(account && { account }),
      }),
    stopPlay: ({ playId }, scope) => media.stop(legOf(scope), playId),
    sendDigits: ({ digits }, scope) => media.sendDigits(legOf(scope), digits),
    sealKeys({ sealing }, scope) {
      legs.get(legOf(scope)).sealing = sealing && { ...sealing, callSid: scope.event.correlation };
    },
    bridge: ({ peer, hears }, scope) => media.bridge(legOf(scope), peer, { hears }),
    passKey: ({ to, digit }) => media.sendDigits(to, digit),
    unbridge: (_effect, scope) => media.unbridge(legOf(scope)),

    async finish({ how, end, dialog, via, invite, trunk }, scope) {
      const id = legOf(scope);
      const held = legs.get(id);
      let stats: MediaStats | undefined;
      try {
        // After a restart there is no session, only what the stream says of the dialog.
        if (how === 'bye' && dialog)
          held.session ??= userAgent.restore(id, dialog, {
            outbound: trunk !== undefined,
            credentials: trunk === undefined ? undefined : options.credentials(trunk),
          });
        const { session, server, client } = held;
        if (!session && how === 'cancel' && invite) userAgent.withdraw(invite, reasonHeader(end));
        if (!session && how === 'reject' && dialog && via !== undefined)
          userAgent.refuse(dialog, via, refusalStatus(end), reasonHeader(end));
        if (session && !session.over) {
          if (how === 'reject' && server) {
            const warning = end.warning && warningHeader(end.warning);
            server.reject(refusalStatus(end), reasonHeader(end), undefined, warning);
          } else if (how === 'cancel' && client) client.cancel(reasonHeader(end));
          else if (how === 'bye') stats = await endedWith(id, session.bye(reasonHeader(end)));
          else session.drop();
        }
      } finally {
        stats ??= await measured(id);
        await giveBack(id);
        const { reason, status, detail, by } = end;
        await scope.tell('LegEnded', {
          reason,
          by,
          ...(status !== undefined && { status }),
          ...(detail !== undefined && { detail }),
          ...qualityOf(stats),
        });
      }
    },
  };
}
