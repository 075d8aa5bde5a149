import 'reflect-metadata'; // @peculiar/x509 wants it loaded before itself
import { createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { gatewaysNamed, type TlsFiles } from './tls.ts';

const DAY = 86_400_000;
const LIFETIME = 825 * DAY;
const RENEW_BEFORE = 30 * DAY;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface DevelopmentNames {
  /** The main region's name. */
  readonly main: string;
  /** Names of regions; the main region's may be among them. */
  readonly regions: readonly string[];
  /** Gateways that get a certificate for themselves alone, `ie1/gw2`: files `ie1-gw2.crt` and `ie1-gw2.key`. */
  readonly gateways?: readonly string[];
  /** Host names and addresses besides localhost under which they can be reached. */
  readonly hosts?: readonly string[];
}

interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

/**
 * Makes what development and tests on one machine need for mutual TLS, in a directory: an authority of its own
 * (`ca.crt`, `ca.key`) and for each name `<name>.crt` and `<name>.key` (`<region>-<gateway>` for a gateway), all of elliptic curve P-256. What is
 * there already is used as it is; what expires within 30 days or lacks one of the host names is made anew.
 * Private keys can be read by their owner only.
 *
 * @returns the files for each name
 */
export async function ensureDevelopmentCertificates(
  directory: string,
  { main, regions, gateways = [], hosts = [] }: DevelopmentNames,
): Promise<Record<string, TlsFiles>> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const authority = await ensureAuthority(directory);
  const all: Record<string, TlsFiles> = {};
  for (const name of new Set([main, ...regions])) {
    const files = filesFor(directory, name);
    const subjects = [name, 'localhost', '127.0.0.1', '::1', ...hosts];
    if (!(await isUsable(files, authority, subjects))) await issue(files, authority, name, subjects);
    all[name] = files;
  }
  for (const gateway of gateways) {
    const [region = ''] = gateway.split('/');
    const files = filesFor(directory, gateway.replace('/', '-'));
    // Without the region's name as a host: it is no border.
    const subjects = [`tandem://gateway/${gateway}`, 'localhost', '127.0.0.1', '::1', ...hosts];
    if (!(await isUsable(files, authority, subjects))) await issue(files, authority, region, subjects);
    all[gateway] = files;
  }
  return all;
}

const filesFor = (directory: string, name: string): TlsFiles => ({
  ca: join(directory, 'ca.crt'),
  cert: join(directory, `${name}.crt`),
  key: join(directory, `${name}.key`),
});

async function ensureAuthority(directory: string): Promise<Authority> {
  const { cert, key } = filesFor(directory, 'ca');
  return (await readAuthority(cert, key)) ?? makeAuthority(cert, key);
}

async function readAuthority(cert: string, key: string): Promise<Authority | undefined> {
  const [pem, keyPem] = await Promise.all([readIfThere(cert), readIfThere(key)]);
  if (!pem || !keyPem || expiresSoon(new X509Certificate(pem)) || !belong(pem, keyPem)) return undefined;
  const certificate = new x509.X509Certificate(pem);
  const privateKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(keyPem),
    ALGORITHM,
    true,
    ['sign'],
  );
  return {
    certificate,
    keys: { privateKey, publicKey: await certificate.publicKey.export(ALGORITHM, ['verify']) },
  };
}

async function makeAuthority(cert: string, key: string): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: ['Tandem development authority'] }],
    ...validity(),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await writePair(cert, key, certificate, keys);
  return { certificate, keys };
}

async function issue(
  files: TlsFiles,
  authority: Authority,
  name: string,
  subjects: readonly string[],
): Promise<void> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [name] }],
    issuer: authority.certificate.subject,
    ...validity(),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      // Border proxies are both: clients of a main region, servers for each other.
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension(subjects.map((value) => ({ type: typeOf(value), value }))),
      await x509.AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
    ],
  });
  await writePair(files.cert, files.key, certificate, keys);
}

/** Whether the pair is there, is the authority's, names all the subjects and is valid for a while. */
async function isUsable(
  { cert, key }: TlsFiles,
  authority: Authority,
  subjects: readonly string[],
): Promise<boolean> {
  const [pem, keyPem] = await Promise.all([readIfThere(cert), readIfThere(key)]);
  if (!pem || !keyPem) return false;
  const certificate = new X509Certificate(pem);
  return (
    !expiresSoon(certificate) &&
    belong(pem, keyPem) &&
    certificate.checkIssued(new X509Certificate(authority.certificate.toString('pem'))) &&
    subjects.every((one) => isFor(certificate, one))
  );
}

const typeOf = (subject: string) => (isIP(subject) ? 'ip' : subject.includes('://') ? 'url' : 'dns');

const isFor = (certificate: X509Certificate, subject: string): boolean => {
  const type = typeOf(subject);
  if (type === 'url')
    return subject.endsWith(`/${gatewaysNamed({ subjectaltname: certificate.subjectAltName ?? '' }).join()}`);
  return (type === 'ip' ? certificate.checkIP(subject) : certificate.checkHost(subject)) !== undefined;
};

const expiresSoon = ({ validToDate }: X509Certificate): boolean =>
  validToDate.getTime() < Date.now() + RENEW_BEFORE;

/** Not so when something else was copied there, or another process made certificates at the same time. */
const belong = (pem: string, keyPem: string): boolean =>
  new X509Certificate(pem).checkPrivateKey(createPrivateKey(keyPem));

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;

/** 20 octets at most, and positive (RFC 5280, section 4.1.2.2). */
const serialNumber = (): string => `4${randomBytes(16).toString('hex').slice(1)}`;

/** A day of grace for a peer whose clock is behind. */
const validity = (now = Date.now()): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(now - DAY),
  notAfter: new Date(now + LIFETIME),
});

async function writePair(
  cert: string,
  key: string,
  certificate: x509.X509Certificate,
  keys: webcrypto.CryptoKeyPair,
): Promise<void> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  await replace(key, `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`, 0o600);
  await replace(cert, `${certificate.toString('pem')}\n`, 0o644);
}

async function replace(file: string, content: string, mode: number): Promise<void> {
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, content, { mode });
  await rename(draft, file);
}

const readIfThere = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
