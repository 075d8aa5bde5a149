import { describe, expect, it } from '@jest/globals';
import { withAddresses } from './host-names.ts';

const sdp = (c: string): string => `v=0\r\nc=${c}\r\nm=audio 4000 RTP/AVP 0\r\n`;
const hosts: Record<string, string[]> = { 'media.example.com': ['2001:db8::1', '192.0.2.1'] };
const resolve = async (host: string): Promise<string[]> => {
  const found = hosts[host];
  if (found === undefined) throw new Error('ENOTFOUND');
  return found;
};

describe('host names in c= lines', () => {
  it.each([
    ['IN IP4 media.example.com', 'IN IP4 192.0.2.1'],
    ['IN IP6 media.example.com', 'IN IP6 2001:db8::1'],
    ['IN IP4 192.0.2.7', 'IN IP4 192.0.2.7'],
  ])('c=%s becomes c=%s', async (written, read) => {
    expect(await withAddresses(sdp(written), resolve)).toBe(sdp(read));
  });

  it('also stand under an m= line', async () => {
    const media = `${sdp('IN IP4 192.0.2.7')}c=IN IP4 media.example.com\r\n`;
    expect(await withAddresses(media, resolve)).toMatch(/c=IN IP4 192\.0\.2\.1\r\n$/);
  });

  it.each(['IN IP4 nowhere.example.com', 'IN IP4 2001:db8::1'])('is refused: %s', async (written) => {
    await expect(withAddresses(sdp(written), resolve)).rejects.toMatchObject({
      code: expect.stringMatching(/^media\.(no-common-codec|bad-sdp)$/),
    });
  });

  it('are few', async () => {
    const many = Array.from({ length: 5 }, (_, i) => `c=IN IP4 h${i}.example.com`).join('\r\n');
    const all = async (): Promise<string[]> => ['192.0.2.1'];
    await expect(withAddresses(`v=0\r\n${many}\r\n`, all)).rejects.toThrow(/more than 4 hosts/);
  });
});
