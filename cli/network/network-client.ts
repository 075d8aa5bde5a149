import { TandemError } from '@tandem/actors/errors';
import { DEFAULT_CONFIG, type NetworkOptions } from '../command-line/index.ts';

/** Asks a router about the network. @throws config.*, api.* */
export interface NetworkClient {
  get(path: string): Promise<Answer>;
  post(path: string): Promise<Answer>;
}

type Answer = Pick<Response, 'ok' | 'status' | 'json' | 'text'>;

async function ownCertificate({ cert }: { readonly cert: string }) {
  const { readNamedFile } = await import('../process/index.ts');
  return { ca: await readNamedFile('api.tls.cert', cert), allowPartialTrustChain: true };
}

export interface NetworkClientOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds for each answer; the default is 30,000. */
  readonly patience?: number;
}

export async function networkClient(
  { config, api }: NetworkOptions,
  { env = process.env, patience = 30_000 }: NetworkClientOptions = {},
): Promise<NetworkClient> {
  const { loadConfig } = await import('../config/index.ts');
  const file = config ?? env.TANDEM_CONFIG ?? DEFAULT_CONFIG;
  const { accounts, api: listening } = loadConfig('main', file);
  const operator = accounts.find((account) => account.operator);
  if (!operator) throw new TandemError('config.no-operator', { file });
  const base = api ?? `${listening.tls ? 'https' : 'http'}://${listening.listen}`;
  const { fetch, Agent } = await import('undici');
  // Where it listens is no name of its certificate, so it is that certificate that is asked for, and no other.
  const dispatcher =
    api === undefined && listening.tls
      ? new Agent({
          connect: { ...(await ownCertificate(listening.tls)), checkServerIdentity: () => undefined },
        })
      : undefined;
  const authorization = `Basic ${Buffer.from(`${operator.sid}:${operator.authToken}`).toString('base64')}`;
  const ask = async (method: string, path: string): Promise<Answer> => {
    let answer: Answer;
    try {
      const signal = AbortSignal.timeout(patience);
      answer = await fetch(new URL(path, base), { method, headers: { authorization }, dispatcher, signal });
    } catch (error) {
      const { cause, message } = error as Error;
      const detail = cause instanceof Error ? cause.message : message;
      throw new TandemError('api.not-there', { url: base, detail }, { cause: error });
    }
    if (answer.ok) return answer;
    const said = (await answer.json().catch(() => ({}))) as { message?: string };
    throw new TandemError('api.refused', { status: answer.status, detail: said.message ?? '' });
  };
  return { get: (path) => ask('GET', path), post: (path) => ask('POST', path) };
}
