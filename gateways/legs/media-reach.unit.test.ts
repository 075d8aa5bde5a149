import { describe, expect, it } from '@jest/globals';
import { createMediaReach } from './media-reach.ts';

const trunks = [
  { name: 'carrier', address: '10.1.2.3:5060', allow: ['10.1.0.0/24'] },
  { name: 'named', address: 'sip.example.com:5060', allow: ['192.168.7.0/24'] },
];

describe('media that only SDP names an address for', () => {
  it.each<[string, string | undefined, boolean | string[], boolean]>([
    ['8.8.8.8', undefined, false, true],
    ['2a00:1450::1', '', false, true],
    ['10.1.0.9', 'carrier', false, true],
    ['10.1.2.3', 'carrier', false, true],
    ['10.9.9.9', 'carrier', false, false],
    ['192.168.7.1', 'named', false, true],
    // Another's trunk opens nothing, nor does one that is not known any more.
    ['10.1.0.9', 'named', false, false],
    ['10.1.0.9', '', false, false],
    ['10.1.0.9', undefined, false, false],
    ['10.1.0.9', 'gone', false, false],
    ['127.0.0.1', '', false, false],
    ['::1', '', false, false],
    ['::ffff:127.0.0.1', '', false, false],
    ['169.254.169.254', '', true, false],
    ['127.0.0.1', '', true, true],
    ['172.16.1.1', '', ['172.16.0.0/12'], true],
    // A name, which nothing is sent to in any case.
    ['phone.example.com', 'carrier', true, false],
  ])('%s on the trunk %s, where %j is allowed: %s', (address, trunk, allowed, may) => {
    expect(createMediaReach({ allowed, trunks })(address, trunk)).toBe(may);
  });
});
