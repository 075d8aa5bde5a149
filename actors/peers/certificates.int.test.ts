import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ensureDevelopmentCertificates } from './certificates.ts';
import { gatewaysNamed, loadTls } from './tls.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tandem-certificates-'));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await rm(directory, { recursive: true });
});

const names = { main: 'main', regions: ['ie1'] };
const make = (changes: { hosts?: string[]; regions?: string[]; gateways?: string[] } = {}) =>
  ensureDevelopmentCertificates(directory, { ...names, ...changes });
const certificateOf = async (file: string) => new X509Certificate(await readFile(file));

describe('development certificates', () => {
  it('are for a gateway alone where that is asked for, and are not its region’s as a host', async () => {
    const made = await make({ gateways: ['ie1/gw2'] });
    const certificate = await certificateOf(made['ie1/gw2']!.cert);
    expect(certificate.subject).toBe('CN=ie1');
    expect(gatewaysNamed({ subjectaltname: certificate.subjectAltName! })).toEqual(['ie1/gw2']);
    expect(certificate.checkHost('ie1')).toBeUndefined();
    const [, region] = [await make({ gateways: ['ie1/gw2'] }), await certificateOf(made.ie1!.cert)];
    expect(gatewaysNamed({ subjectaltname: region.subjectAltName! })).toEqual([]);
    expect((await certificateOf(made['ie1/gw2']!.cert)).serialNumber).toBe(certificate.serialNumber);
  });

  it('name their holder and where it can be reached, and are signed by their authority', async () => {
    const { main, ie1 } = await make({ hosts: ['main.example.net', '192.0.2.1'] });
    const authority = await certificateOf(main!.ca);
    expect(authority.ca).toBe(true);
    expect(ie1!.ca).toBe(main!.ca);
    for (const [name, files] of Object.entries({ main: main!, ie1: ie1! })) {
      const certificate = await certificateOf(files.cert);
      expect(certificate.subject).toBe(`CN=${name}`);
      expect(certificate.verify(authority.publicKey)).toBe(true);
      expect(certificate.ca).toBe(false);
      expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
      for (const host of [name, 'localhost', 'main.example.net'])
        expect(certificate.checkHost(host)).toBe(host);
      for (const address of ['127.0.0.1', '::1', '192.0.2.1'])
        expect(certificate.checkIP(address)).toBe(address);
    }
  });

  it('keep private keys to their owner', async () => {
    const { main } = await make();
    for (const key of [main!.key, join(directory, 'ca.key')])
      expect((await stat(key)).mode & 0o777).toBe(0o600);
  });

  it('are used again, and made for whoever has none', async () => {
    const { main } = await make();
    const before = await readFile(main!.cert, 'utf8');
    const { us1 } = await make({ regions: ['ie1', 'us1'] });
    expect(await readFile(main!.cert, 'utf8')).toBe(before);
    const authority = await certificateOf(us1!.ca);
    expect((await certificateOf(us1!.cert)).verify(authority.publicKey)).toBe(true);
  });

  it('are made anew for another host name', async () => {
    const { main } = await make();
    const before = await certificateOf(main!.cert);
    await make({ hosts: ['main.example.net'] });
    const after = await certificateOf(main!.cert);
    expect(after.serialNumber).not.toBe(before.serialNumber);
    expect(after.checkHost('main.example.net')).toBe('main.example.net');
  });

  it('are made anew, authority and all, before they expire', async () => {
    const { main } = await make();
    const before = await certificateOf(main!.cert);
    jest.spyOn(Date, 'now').mockReturnValue(before.validToDate.getTime() - 29 * 86_400_000);
    await make();
    const after = await certificateOf(main!.cert);
    expect(after.validToDate.getTime()).toBeGreaterThan(before.validToDate.getTime());
    expect(after.verify((await certificateOf(main!.ca)).publicKey)).toBe(true);
  });

  it('are made anew when key and certificate do not belong together', async () => {
    const { main, ie1 } = await make();
    await writeFile(main!.key, await readFile(ie1!.key));
    await make();
    await loadTls(main!);
    await writeFile(join(directory, 'ca.key'), await readFile(ie1!.key));
    await make();
    expect((await certificateOf(main!.cert)).verify((await certificateOf(main!.ca)).publicKey)).toBe(true);
  });

  it('do not stay with the certificates of an authority that is gone', async () => {
    const { main } = await make();
    await rm(join(directory, 'ca.key'));
    await make();
    expect((await certificateOf(main!.cert)).verify((await certificateOf(main!.ca)).publicKey)).toBe(true);
  });
});

describe('loading certificates', () => {
  it('gives what is in the files', async () => {
    const { main } = await make();
    expect(await loadTls(main!)).toEqual({
      ca: await readFile(main!.ca),
      cert: await readFile(main!.cert),
      key: await readFile(main!.key),
    });
  });

  it('names the file that is missing or holds something else', async () => {
    const { main } = await make();
    const missing = join(directory, 'none.crt');
    await expect(loadTls({ ...main!, cert: missing })).rejects.toMatchObject({
      code: 'link.certificate-unreadable',
      params: { file: missing },
    });
    const other = join(directory, 'other.pem');
    await writeFile(other, 'nothing');
    await chmod(other, 0o600);
    for (const part of ['ca', 'cert', 'key'])
      await expect(loadTls({ ...main!, [part]: other })).rejects.toMatchObject({
        code: 'link.certificate-unreadable',
        params: { file: other },
      });
  });

  it('notices a key that is for another certificate, and a certificate that has expired', async () => {
    const { main, ie1 } = await make();
    await expect(loadTls({ ...main!, key: ie1!.key })).rejects.toMatchObject({ code: 'link.key-mismatch' });
    const { validToDate } = await certificateOf(main!.cert);
    jest.spyOn(Date, 'now').mockReturnValue(validToDate.getTime());
    await expect(loadTls(main!)).rejects.toMatchObject({ code: 'link.certificate-expired' });
  });
});
