import { asRecorded } from '@tandem/actors/errors/tandem-error.ts';
import type { PipeEffect } from '@tandem/actors/machines/pipe/pipe-context.ts';
import type { EffectHandlers, EffectScope } from '@tandem/actors/runtime/effects.ts';
import type * as events from '@tandem/proto/generated/events.ts';
import type { CodecName, MediaPlane, PipeEnd } from '../media/media-plane.ts';

/** Milliseconds without a packet after which a pipe counts as silent: its peer sends silence as packets too. */
const SILENCE_LIMIT = 5000;

const pipeOf = (scope: EffectScope): string => scope.stream.slice('pipe-'.length);

const asEvent = ({ address, port, srtp }: PipeEnd): events.PipeEnd => ({
  ...{ address, port },
  ...{ srtpSuite: srtp.cryptoSuite, srtpKey: srtp.keyBase64 },
});

const asPipeEnd = ({ address, port, srtpSuite, srtpKey }: events.PipeEnd): PipeEnd => ({
  ...{ address, port },
  srtp: { cryptoSuite: srtpSuite, keyBase64: srtpKey },
});

/**
 * How a gateway does what the ends of its pipes ask for, with its media sessions. `addressOf` is where the pipes of
 * another region are reached from here, where that is not what they say themselves.
 */
export function pipeEffects(
  media: MediaPlane,
  addressOf: (region: string) => string | undefined,
): EffectHandlers<PipeEffect> {
  return {
    async open({ codec }, scope) {
      const id = pipeOf(scope);
      const { correlation } = scope.event;
      const outcome = await media
        .openPipe({ id, codec: codec as CodecName, room: correlation, silenceLimit: SILENCE_LIMIT })
        .then(
          (end) => scope.tell('PipeOpened', { end: asEvent(end) }),
          (error) => scope.tell('PipeRefused', asRecorded(error)),
        );
      // One that ended meanwhile has given everything back, but not what came after.
      if (!outcome.taken) await media.release(id);
    },

    async connect({ peer, towards }, scope) {
      const end = asPipeEnd({ ...peer, address: addressOf(towards) ?? peer.address });
      await media.connectPipe(pipeOf(scope), end).then(
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
