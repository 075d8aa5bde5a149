import { asRecorded } from '@tandem/actors/errors';
import type { PipeEffect } from '@tandem/actors/machines/pipe';
import { idOf } from '@tandem/actors/names';
import type { EffectHandlers, EffectScope } from '@tandem/actors/runtime';
import { isSealed, type SealingKey, sealFor } from '@tandem/actors/secrets';
import type * as events from '@tandem/proto/generated/events.ts';
import type { CodecName } from '../audio/codecs/index.ts';
import type { MediaPlane, PipeEnd } from '../media/index.ts';

/** Milliseconds without a packet after which a pipe counts as silent: its peer sends silence as packets too. */
const SILENCE_LIMIT = 5000;

const pipeOf = (scope: EffectScope): string => idOf(scope.stream);

/** A sealed key opens only what is sent from there, in this call. */
const contextOf = (callSid: string, { address, port, srtpSuite }: Omit<events.PipeEnd, 'srtpKey'>): string =>
  JSON.stringify(['srtpKey', callSid, address, port, srtpSuite]);

/** An end as it is stored: nobody reads its key there, but the gateways that it was asked to be sealed to. */
function asEvent(
  { address, port, srtp }: PipeEnd,
  callSid: string,
  sealTo: readonly string[] = [],
): events.PipeEnd {
  const end = { address, port, srtpSuite: srtp.cryptoSuite };
  const key = srtp.keyBase64;
  return { ...end, srtpKey: sealTo.length === 0 ? key : sealFor(sealTo, key, contextOf(callSid, end)) };
}

function asPipeEnd({ srtpKey, ...end }: events.PipeEnd, callSid: string, sealing?: SealingKey): PipeEnd {
  const { address, port, srtpSuite } = end;
  const key = sealing && isSealed(srtpKey) ? sealing.open(srtpKey, contextOf(callSid, end)) : srtpKey;
  return { address, port, srtp: { cryptoSuite: srtpSuite, keyBase64: key } };
}

/**
 * How a gateway does what the ends of its pipes ask for, with its media sessions. `addressOf` is where the pipes of
 * another region are reached from here, where that is not what they say themselves. `sealing` opens what other ends sealed.
 */
export function pipeEffects(
  media: MediaPlane,
  addressOf: (region: string) => string | undefined,
  sealing?: SealingKey,
): EffectHandlers<PipeEffect> {
  return {
    async open({ codec, sealTo }, scope) {
      const id = pipeOf(scope);
      const { correlation } = scope.event;
      const outcome = await media
        .openPipe({ id, codec: codec as CodecName, room: correlation, silenceLimit: SILENCE_LIMIT })
        .then((end) => asEvent(end, correlation, sealTo))
        .then(
          (end) => scope.tell('PipeOpened', { end }),
          (error) => scope.tell('PipeRefused', asRecorded(error)),
        );
      // One that ended meanwhile has given everything back, but not what came after.
      if (!outcome.taken) await media.release(id);
    },

    async connect({ peer, towards }, scope) {
      const connected = async (): Promise<void> => {
        const end = asPipeEnd(peer, scope.event.correlation, sealing);
        await media.connectPipe(pipeOf(scope), { ...end, address: addressOf(towards) ?? end.address });
      };
      await connected().then(
        () => scope.tell('PipeConnected', {}),
        (error) => scope.tell('PipeRefused', asRecorded(error)),
      );
    },

    async close({ end }, scope) {
      try {
        await media.release(pipeOf(scope));
      } finally {
        const { reason, detail, by } = end;
        await scope.tell('PipeEnded', { reason, by, ...(detail !== undefined && { detail }) });
      }
    },

    play: ({ playId, items, loop, accountSid: account }, scope) =>
      media.play(pipeOf(scope), { playId, items, loop, ...(account && { account }) }),
    stopPlay: ({ playId }, scope) => media.stop(pipeOf(scope), playId),
    sendDigits: ({ digits }, scope) => media.sendDigits(pipeOf(scope), digits),
    bridge: ({ peer, hears }, scope) => media.bridge(pipeOf(scope), peer, { hears }),
    unbridge: (_effect, scope) => media.unbridge(pipeOf(scope)),
  };
}
