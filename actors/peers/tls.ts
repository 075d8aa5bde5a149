import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { PeerCertificate } from 'node:tls';
import { TandemError } from '../errors/index.ts';
import { limits } from './limits.ts';

/** PEM contents for one side of the link. */
export interface LinkTls {
  /** Certificates of the authority that signed the other side's. */
  readonly ca: Buffer;
  /** Own certificate, with intermediate ones after it if there are any. */
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Files with those contents. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads and checks certificates and key.
 *
 * @throws link.certificate-unreadable, link.certificate-expired, link.key-mismatch
 */
export async function loadTls(files: TlsFiles): Promise<LinkTls> {
  const [ca, cert, key] = await Promise.all([read(files.ca), read(files.cert), read(files.key)]);
  parse(files.ca, () => new X509Certificate(ca));
  const certificate = parse(files.cert, () => new X509Certificate(cert));
  const privateKey = parse(files.key, () => createPrivateKey(key));
  if (certificate.validToDate.getTime() <= Date.now())
    throw new TandemError('link.certificate-expired', {
      file: files.cert,
      since: certificate.validToDate.toISOString(),
    });
  if (!certificate.checkPrivateKey(privateKey))
    throw new TandemError('link.key-mismatch', { cert: files.cert, key: files.key });
  return { ca, cert, key };
}

const unreadable = (file: string, error: unknown): TandemError =>
  new TandemError(
    'link.certificate-unreadable',
    { file, detail: error instanceof Error ? error.message : String(error) },
    { cause: error },
  );

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function parse<T>(file: string, parser: () => T): T {
  try {
    return parser();
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** The common name of a peer's certificate; `''` when it has none, or several. */
export function commonName(certificate: PeerCertificate | undefined): string {
  const name: unknown = certificate?.subject?.CN;
  return typeof name === 'string' ? name : '';
}

/** A URI among a certificate's alternative names that names a gateway: `tandem://gateway/ie1/gw2`. */
const GATEWAY = /^tandem:\/\/gateway\/([^/]+)\/([^/]+)$/;
/** One of the alternative names as Node writes them, in quotes where it holds what separates them. */
const ALTERNATIVE_NAME = /(?:^|, )(?<kind>[A-Za-z ]+):(?<value>"(?:[^"\\]|\\.)*"|[^,"]*)/gy;

/**
 * The gateways that a certificate names, `ie1/gw2`; it is good for these alone. One that names none is its region's, and
 * good for all of its gateways and for its border.
 */
export function gatewaysNamed(certificate: Pick<PeerCertificate, 'subjectaltname'> | undefined): string[] {
  const found = (certificate?.subjectaltname ?? '').matchAll(ALTERNATIVE_NAME);
  return [...found].flatMap(({ groups }) => {
    const [, region, gateway] = (groups!.kind === 'URI' && GATEWAY.exec(groups!.value!)) || [];
    return region === undefined ? [] : [`${region}/${gateway}`];
  });
}

/** @throws link.gateway-identity when a certificate names gateways, and not this one; the border is none of them */
export function checkGateway(named: readonly string[], claimed: string): void {
  if (named.length === 0 || named.includes(claimed)) return;
  const certificate = named.join(', ').slice(0, limits.explanation);
  throw new TandemError('link.gateway-identity', { claimed, certificate });
}
