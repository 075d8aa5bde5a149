import type { SipTransport } from '../sip-transport.ts';
import { StreamTransport } from '../stream/index.ts';

export const tcp: SipTransport = {
  name: 'tcp',
  viaName: 'TCP',
  uriName: 'tcp',
  defaultPort: 5060,
  isReliable: true,
  isSecure: false,
  naptrService: 'SIP+D2T',
  srvPrefix: '_sip._tcp',
  listen: ({ tls: _, ...options }) => StreamTransport.open('tcp', options),
};
