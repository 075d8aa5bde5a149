import { describe, expect, it } from '@jest/globals';
import type { Flow } from '../transport/flow.ts';
import { FailedTargets } from './failed-targets.ts';

const flow = (remoteAddress: string): Flow => ({
  transport: 'udp',
  localAddress: '192.0.2.1',
  localPort: 5060,
  remoteAddress,
  remotePort: 5060,
});

describe('targets that have failed', () => {
  it('are put last for five minutes', () => {
    let now = 0;
    const failed = new FailedTargets(() => now);
    const flows = ['192.0.2.2', '192.0.2.3', '192.0.2.4'].map(flow);
    const order = () => failed.order(flows).map(({ remoteAddress }) => remoteAddress.at(-1));
    failed.add(flows[0]!);
    expect(order()).toEqual(['3', '4', '2']);
    failed.add(flows[1]!);
    expect(order()).toEqual(['4', '2', '3']);
    now = 300_000;
    expect(order()).toEqual(['2', '3', '4']);
  });

  it('are forgotten when there are very many, the first before the others', () => {
    const failed = new FailedTargets(() => 0);
    for (let port = 1; port <= 1_001; port++) failed.add({ ...flow('192.0.2.2'), remotePort: port });
    const has = (remotePort: number) => failed.has({ ...flow('192.0.2.2'), remotePort });
    expect([has(1), has(2), has(1_001)]).toEqual([false, true, true]);
  });
});
