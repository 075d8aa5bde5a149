import { afterEach, beforeAll, beforeEach, describe } from '@jest/globals';
import type { LinkTls } from '@tandem/actors/peers';
import { makeCertificates } from '@tandem/actors/peers/testing/make-certificates.ts';
import { portRange } from '@tandem/actors/testing/free-port.ts';
import { createMediaServer, type MediaServer } from '../control/media-server.ts';
import { RemoteMediaPlane } from '../control/remote-media-plane.ts';
import { createMediaPlane } from '../create-media-plane.ts';
import { type MediaPlaneSubject, mediaPlaneContract, renderTones } from '../testing/media-plane.contract.ts';
import { sine } from '../testing/rtp-peer.ts';
import { RtpMediaPlane } from '../worker/rtp-media-plane.ts';
import type { MediaPlane } from './media-plane.ts';

const options = {
  bindAddress: '127.0.0.1',
  ports: await portRange(50),
  render: renderTones(sine),
};

describe('sessions in threads of this process', () => {
  const subject = {} as MediaPlaneSubject;
  beforeEach(() => {
    subject.plane = new RtpMediaPlane(options);
  });
  afterEach(() => subject.plane.close());
  mediaPlaneContract(subject);
});

describe('sessions that mediasoup’s worker may relay', () => {
  const subject = {} as MediaPlaneSubject;
  beforeEach(() => {
    subject.plane = createMediaPlane({ ...options, relay: { lookEvery: 50 } });
  });
  afterEach(() => subject.plane.close());
  mediaPlaneContract(subject);
});

describe('sessions in another process', () => {
  const subject = {} as MediaPlaneSubject;
  let certificates: Record<string, LinkTls>;
  let far: MediaPlane;
  let server: MediaServer;
  beforeAll(async () => {
    certificates = await makeCertificates();
  });
  beforeEach(async () => {
    far = new RtpMediaPlane(options);
    const who = { region: 'ie1', gateway: 'gw1', version: '0.1.0', tls: certificates.ie1! };
    server = await createMediaServer({
      ...who,
      node: 'media-1',
      plane: far,
      address: { host: '127.0.0.1', port: 0 },
    });
    const address = `127.0.0.1:${server.port}`;
    subject.plane = await RemoteMediaPlane.open({
      ...who,
      node: 'signalling-1',
      address,
      onReplaced: () => {},
    });
  });
  afterEach(async () => {
    await subject.plane.close();
    await server.close();
    await far.close();
  });
  mediaPlaneContract(subject);
});
