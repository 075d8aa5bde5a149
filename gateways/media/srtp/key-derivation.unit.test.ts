import { describe, expect, it } from '@jest/globals';
import { derive, sessionKeys } from './key-derivation.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

describe('key derivation', () => {
  it('is that of RFC 6188, section 7.2', () => {
    const key = hex('f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6');
    const salt = hex('3b04803de51ee7c96423ab5b78d2');
    expect(derive(key, salt, 0, 32).toString('hex')).toBe(
      '5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4',
    );
    expect(derive(key, salt, 2, 14).toString('hex')).toBe('fa31791685ca444a9e07c6c64e93');
    expect(derive(key, salt, 1, 20).toString('hex')).toBe('fd9c32d39ed5fbb5a9dc96b30818454d1313dc05');
  });

  it('fills a salt of 12 bytes up at its end', () => {
    const master = Buffer.alloc(44, 7);
    const padded = Buffer.concat([master.subarray(32), Buffer.alloc(2)]);
    expect(sessionKeys(master).rtp.salt).toEqual(derive(master.subarray(0, 32), padded, 2, 12));
  });

  it('makes another key and salt for each purpose', () => {
    const { rtp, rtcp } = sessionKeys(Buffer.alloc(44, 7));
    const all = [rtp.key.export(), rtcp.key.export(), rtp.salt, rtcp.salt];
    expect(new Set(all.map((one) => Buffer.from(one).toString('hex'))).size).toBe(4);
    expect(all.map(({ length }) => length)).toEqual([32, 32, 12, 12]);
  });
});
