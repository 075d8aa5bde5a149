import type { Network } from '@tandem/e2e/harness/network.ts';
import { NUMBER } from '@tandem/e2e/harness/network.ts';
import { callFrom, openPhone, PhonePeer } from '@tandem/e2e/harness/phone-peer.ts';
import type { SipPhone } from '@tandem/phones';

/** Resolves with when each telephone has got a packet more than it has now; milliseconds. */
export const heardAgain = (peers: readonly PhonePeer[]): Promise<number[]> =>
  Promise.all(
    peers.map(async ({ audio }) => {
      const before = audio.packets;
      await audio.until(() => audio.packets > before);
      return performance.now();
    }),
  );

/**
 * Pairs of telephones that talk, the callers by way of a gateway at `sip`.
 *
 * @param phones gets the telephones, to be closed by whoever asked
 */
export async function conversations(
  network: Network,
  sip: string,
  phones: SipPhone[],
  count: number,
): Promise<PhonePeer[]> {
  const callee = await openPhone('+15550142', network.carrierPort);
  phones.push(callee);
  const peers: PhonePeer[] = [];
  callee.on('rings', ({ call, answer }) => {
    answer();
    peers.push(new PhonePeer(call));
  });
  for (let made = 0; made < count; made++) {
    const caller = await openPhone('+15550199');
    phones.push(caller);
    peers.push(await callFrom(caller, `sip:${NUMBER}@${sip}`));
  }
  await heardAgain(peers);
  return peers;
}
