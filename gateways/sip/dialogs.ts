import type { HostedSession } from './dialog/index.ts';
import type { SipRequest } from './message/index.ts';
import { callId, fromTag, toTag } from './message/index.ts';

/** The sessions of a user agent, and which of them a request is for (RFC 3261, section 12). */
export class Dialogs {
  /** By local tag, which nobody else can have drawn. */
  readonly #sessions = new Map<string, HostedSession>();

  add(session: HostedSession): void {
    this.#sessions.set(session.client.dialog.localTag, session);
  }

  remove(session: HostedSession): void {
    this.#sessions.delete(session.client.dialog.localTag);
  }

  at(localTag: string): HostedSession | undefined {
    return this.#sessions.get(localTag);
  }

  /** The session of a request's dialog: its Call-ID and both tags must be right. */
  of(request: SipRequest): HostedSession | undefined {
    const tag = toTag(request);
    const session = tag === undefined ? undefined : this.#sessions.get(tag);
    if (session === undefined || session.client.dialog.callId !== callId(request)) return undefined;
    return session.isPeerTag(fromTag(request) ?? '') ? session : undefined;
  }

  /** Ends all, and says nothing to anybody. */
  finish(): void {
    for (const session of [...this.#sessions.values()]) session.finish();
  }
}
