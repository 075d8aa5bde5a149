import { freePort } from '@tandem/actors/testing/free-port.ts';
import { SipPhone } from '@tandem/phones';
import { NUMBER } from './harness/network.ts';
import { CALLEE, CALLEE_HANGS_UP, CARRIER, CARRIER_HANGS_UP } from './harness/peers.ts';
import { callFrom, picksUp } from './harness/phone-peer.ts';
import { hears, type Listener, sine } from './harness/sound.ts';
import { type Stage, scenarios } from './harness/stage.ts';
import { TcpDoor } from './harness/tcp-door.ts';

const test = scenarios();

const dial = (port: number) => ({
  '/voice': `<Response><Dial><Sip>sip:bob@127.0.0.1:${port};transport=tcp</Sip></Dial></Response>`,
});

async function hearEachOther(caller: Listener, callee: Listener): Promise<void> {
  for (const peer of [caller, callee]) peer.audio.forget();
  caller.audio.say(sine(850, 20));
  callee.audio.say(sine(1300, 20));
  await Promise.all([hears(callee, 850), hears(caller, 1300)]);
}

for (const [who, carrierSays, calleeSays] of [
  ['the caller', CARRIER_HANGS_UP, CALLEE],
  ['the called party', CARRIER, CALLEE_HANGS_UP],
] as const)
  test(`a call over TCP on both sides is heard, and hung up by ${who}`, {}, async (stage) => {
    const port = await freePort();
    stage.serve(dial(port));
    const callee = await stage.callee(calleeSays, { port, transport: 'tcp' });
    const carrier = await stage.carrier(carrierSays, { transport: 'tcp' });
    await stage.bridged();
    await hearEachOther(carrier, callee);
    await (who === 'the caller' ? carrier : callee).go('bye');
    await Promise.all([carrier.finished(), callee.finished()]);
  });

/** A telephone over TCP that is reached by a door. */
async function openPhone(number: string, resources: AsyncDisposableStack) {
  const port = await freePort();
  const door = resources.use(await TcpDoor.open(port));
  const phone = await SipPhone.open({
    number,
    address: '127.0.0.1',
    port,
    advertisedPort: door.port,
    transport: 'tcp',
    peers: ['127.0.0.1'],
  });
  resources.defer(() => phone.close());
  return { phone, door };
}

/** A call of two telephones, all of whose connections have closed after they had heard each other. */
async function callWithoutConnections(stage: Stage, resources: AsyncDisposableStack) {
  const [ann, bob] = [await openPhone('+15550199', resources), await openPhone('+15550142', resources)];
  const toRegion = resources.use(await TcpDoor.open(stage.network.sipPort));
  stage.serve(dial(bob.door.port));
  const pickedUp = picksUp(bob.phone);
  const caller = await callFrom(ann.phone, `sip:${NUMBER}@127.0.0.1:${toRegion.port};transport=tcp`);
  const callee = await pickedUp;
  await stage.bridged();
  await hearEachOther(caller, callee);
  await Promise.all([toRegion.slam(), ann.door.slam(), bob.door.slam()]);
  return { caller, callee };
}

for (const who of ['caller', 'callee'] as const)
  test(`a call goes on when its connections close, and is hung up over others by the ${who}`, {}, async (stage) => {
    await using resources = new AsyncDisposableStack();
    const peers = await callWithoutConnections(stage, resources);
    await hearEachOther(peers.caller, peers.callee);
    await peers[who].call.hangUp();
    await Promise.all([peers.caller.ended, peers.callee.ended]);
    await stage.network.settled();
  });
