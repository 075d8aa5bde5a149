import { BackToBackAgent, createUserAgent, openTransportLayer } from '@tandem/gateways/sip';

// A back-to-back agent as a process: `node sip-agent.ts CALLEE-PORT` says its own address and runs until it is
// stopped.

const calleePort = Number(process.argv[2]);
const transport = await openTransportLayer({
  listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
  peers: [{ trunk: 'sipp', addresses: ['127.0.0.1'] }],
});
const agent = createUserAgent({ transport });
new BackToBackAgent({ agent, route: ({ to }) => ({ uri: `sip:${to}@127.0.0.1:${calleePort}` }) });
process.send!({ address: /@?(127\.0\.0\.1:\d+)/.exec(agent.addresses[0]!)![1] });
process.once('disconnect', () => process.exit());
