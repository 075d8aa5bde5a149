import type { SipTransport } from '../sip-transport.ts';
import { UdpTransport } from './udp-transport.ts';

export const udp: SipTransport = {
  name: 'udp',
  viaName: 'UDP',
  uriName: 'udp',
  defaultPort: 5060,
  isReliable: false,
  isSecure: false,
  naptrService: 'SIP+D2U',
  srvPrefix: '_sip._udp',
  largeOver: 'tcp',
  listen: (options) => UdpTransport.open(options),
};
