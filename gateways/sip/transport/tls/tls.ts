import type { SipTransport } from '../sip-transport.ts';
import { StreamTransport } from '../stream/index.ts';

export const tls: SipTransport = {
  name: 'tls',
  viaName: 'TLS',
  uriName: 'tls',
  defaultPort: 5061,
  isReliable: true,
  isSecure: true,
  naptrService: 'SIPS+D2T',
  srvPrefix: '_sips._tcp',
  listen: (options) => StreamTransport.open('tls', options),
};
