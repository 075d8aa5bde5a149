import type { SipGateway } from '@tandem/gateways/legs';
import type { AgentCounters, TransportCounters } from '@tandem/gateways/sip';
import type { Log } from '../log/index.ts';

const EVERY = 60_000;

/** What was turned away, of all that is counted. */
const REFUSED = [
  ...(['droppedStrangers', 'rateLimited', 'malformed', 'ignoredFields', 'refusedConnections'] as const),
  ...(['wrongCredentials', 'heldOffGuesses', 'refusedOverload'] as const),
];

/**
 * Logs once a minute what SIP transports, a user agent or a gateway have turned away since the line before; says nothing of quiet minutes.
 *
 * @returns what ends it, with a last line
 */
export function logCounters(
  counters: Readonly<Partial<TransportCounters & AgentCounters & SipGateway['counters']>>,
  log: Log,
): () => void {
  let before = { ...counters };
  const say = (when: string): void => {
    const grown = REFUSED.map((name) => [name, (counters[name] ?? 0) - (before[name] ?? 0)] as const).filter(
      ([, more]) => more > 0,
    );
    before = { ...counters };
    if (grown.length > 0) log.warn(Object.fromEntries(grown), `SIP that was turned away ${when}`);
  };
  const timer = setInterval(() => say('in the last minute'), EVERY);
  timer.unref();
  return () => {
    clearInterval(timer);
    say('since the line before');
  };
}
