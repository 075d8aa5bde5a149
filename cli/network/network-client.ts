import { TandemError } from '@tandem/actors/errors';
import { DEFAULT_CONFIG, type NetworkCommandOptions } from '../command-line/index.ts';

/** Asks a router about the network. @throws config.*, api.* */
export interface NetworkClient {
  get(path: string): Promise<Answer>;
  post(path: string): Promise<Answer>;
}

type Answer = Pick<Response, 'ok' | 'status' | 'json' | 'text'>;
type Fetch = (
  url: URL,
  options: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly signal: AbortSignal;
  },
) => Promise<Answer>;

/**
 * Fetches from who has this certificate: where it listens is no name of the certificate, so it is that one that is asked
 * for, and no other.
 */
async function fetchFrom({ cert }: { readonly cert: string }): Promise<Fetch> {
  const { readNamedFile } = await import('../process/index.ts');
  const { fetch, Agent } = await import('undici');
  const ca = await readNamedFile('api.tls.cert', cert);
  const dispatcher = new Agent({
    connect: { ca, allowPartialTrustChain: true, checkServerIdentity: () => undefined },
  });
  return (url, options) => fetch(url, { ...options, dispatcher });
}

export interface NetworkClientOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds for each answer; the default is 30,000. */
  readonly patience?: number;
}

export async function networkClient(
  { config, api }: NetworkCommandOptions,
  { env = process.env, patience = 30_000 }: NetworkClientOptions = {},
): Promise<NetworkClient> {
  const { loadConfig } = await import('../config/index.ts');
  const file = config ?? env.TANDEM_CONFIG ?? DEFAULT_CONFIG;
  const { accounts, api: listening } = loadConfig('main', file);
  const operator = accounts.find((account) => account.operator);
  if (!operator) throw new TandemError('config.no-operator', { file });
  const base = api ?? `${listening.tls ? 'https' : 'http'}://${listening.listen}`;
  const fetch: Fetch = api === undefined && listening.tls ? await fetchFrom(listening.tls) : globalThis.fetch;
  const authorization = `Basic ${Buffer.from(`${operator.sid}:${operator.authToken}`).toString('base64')}`;
  const ask = async (method: string, path: string): Promise<Answer> => {
    let answer: Answer;
    try {
      const signal = AbortSignal.timeout(patience);
      answer = await fetch(new URL(path, base), { method, headers: { authorization }, signal });
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
