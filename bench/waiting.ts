import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { RtpMediaPlane } from '@tandem/gateways/media';
import type { Figure, Measurement } from './figure.ts';
import { nearest } from './statistics.ts';

const LEGS = 300;
const ROUNDS = 5;
/** Milliseconds of a round. */
const ROUND = 2000;

/** CPU time of this process, its media thread included, for each second that goes by. */
async function cpuShare(): Promise<number> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await setTimeout(ROUND);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - start);
}

/** What legs cost that wait for something: with and without the silence that they are sent. */
async function held(sendsSilence: boolean, port: number): Promise<number[]> {
  const plane = new RtpMediaPlane({
    bindAddress: '127.0.0.1',
    ports: { first: 22_000, last: 22_999 },
    sendsSilence,
    render: () => Promise.reject(new Error('Nothing is played here.')),
  });
  try {
    const remote = { address: '127.0.0.1', port, rtcpPort: port + 1, ptime: 20 };
    for (let leg = 0; leg < LEGS; leg++) {
      await plane.allocate({ id: String(leg), silenceLimit: 0 });
      await plane.connect(String(leg), {
        ...remote,
        codec: 'PCMU',
        payloadType: 0,
        dtmfPayloadType: 101,
        direction: 'sendrecv',
      });
    }
    await cpuShare();
    const shares: number[] = [];
    for (let round = 0; round < ROUNDS; round++) shares.push(await cpuShare());
    return shares;
  } finally {
    await plane.close();
  }
}

export const waiting: Measurement = {
  name: 'waiting',
  about: 'what a leg costs that is connected and waits, with and without the silence it is sent',
  async measure(say) {
    // It takes no packet out: what its peers do is not measured.
    const sink = createSocket({ type: 'udp4', recvBufferSize: 4096 });
    sink.bind(0, '127.0.0.1');
    await once(sink, 'listening');
    try {
      const figures: Figure[] = [];
      for (const sendsSilence of [false, true]) {
        const share = nearest(await held(sendsSilence, sink.address().port), 0.5);
        const name = sendsSilence ? 'sent silence' : 'sent nothing';
        say(`${LEGS} legs that are ${name}: ${(100 * share).toFixed(1)} % of a core`);
        figures.push({ name: `a leg that is ${name}`, value: (1e6 * share) / LEGS, unit: 'µs/s' });
      }
      return figures;
    } finally {
      sink.close();
    }
  },
};
