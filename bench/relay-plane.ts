import { createMediaPlane, RelayingMediaPlane } from '@tandem/gateways/media';

// A process with a media plane, of which bench/relay.ts measures what it costs to have telephones talk through it.

const render = () => Promise.reject(new Error('Nothing is played here.'));
const plane = createMediaPlane({
  bindAddress: '127.0.0.1',
  ports: { first: 12_000, last: 13_999 },
  render,
  onFault: (error) => console.error(error),
});
const ids: string[] = [];

const connect = async (phones: readonly number[]): Promise<number[]> => {
  const ports: number[] = [];
  for (const [i, port] of phones.entries()) {
    const id = `phone-${i}`;
    ids.push(id);
    ports.push((await plane.allocate({ id, silenceLimit: 0 })).port);
    const agreed = { codec: 'PCMU', payloadType: 0, direction: 'sendrecv', ptime: 20 } as const;
    await plane.connect(id, { address: '127.0.0.1', port, rtcpPort: port, ...agreed });
  }
  return ports;
};

/** Joins each telephone with its neighbour, listening to neither when they are to be handed over. */
const join = (hears: boolean): void => {
  for (let i = 0; i < ids.length; i += 2) {
    plane.bridge(ids[i]!, ids[i + 1]!, { hears });
    plane.bridge(ids[i + 1]!, ids[i]!, { hears });
  }
};

const relayed = (): number =>
  plane instanceof RelayingMediaPlane ? ids.filter((id) => plane.isRelayed(id)).length : 0;

process.on('message', async (message: { connect: number[] } | { join: { hears: boolean } } | 'relayed') => {
  if (message === 'relayed') process.send?.({ relayed: relayed() });
  else if ('connect' in message) process.send?.({ ports: await connect(message.connect) });
  else join(message.join.hears);
});
process.on('disconnect', () => void plane.close());
