import { randomUUID } from 'node:crypto';
import type { Messages } from '@tandem/proto/generated/events.ts';
import { isTandemError, TandemError } from '../../errors/index.ts';
import { upcast, verifyEvent } from '../../events/index.ts';
import type { EventStore, RecordedEvent, Subscription } from '../../stores/event-store/index.ts';
import { keepSubscribedToStream } from '../../stores/event-store/index.ts';
import type { PoliciesView } from './policies-view.ts';
import type { Policy } from './policy.ts';

/** Holds RoutingPoliciesSet, each of which replaces the one before. */
export const POLICIES_STREAM = 'routing-policies';

/** The revision of policies that nobody has set: the configuration's. */
export const UNSET = -1;

export interface StoredPoliciesOptions {
  readonly store: EventStore;
  /** In force until others are set. */
  readonly configured: readonly Policy[];
  /** The region of this process. */
  readonly region: string;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
  /** Others are in force now. */
  readonly onChange?: () => void;
  /** They are not followed now; it is tried again. */
  readonly onError: (error: unknown) => void;
  /** Stored policies are not what they should be; those before them stay in force. */
  readonly onSetAside: (event: RecordedEvent, error: unknown) => void;
}

/** The policies in force, which every process of the main regions follows in the event store. */
export class StoredPolicies implements PoliciesView {
  readonly #options: StoredPoliciesOptions;
  #policies: readonly Policy[];
  #revision = UNSET;
  #subscription: Pick<Subscription, 'stop'> | undefined;

  private constructor(options: StoredPoliciesOptions) {
    this.#options = options;
    this.#policies = options.configured;
  }

  /** Resolves when what is stored is in force. @throws store.* */
  static async open(options: StoredPoliciesOptions): Promise<StoredPolicies> {
    const stored = new StoredPolicies(options);
    const { store, onError, onSetAside } = options;
    let last = UNSET;
    for await (const event of store.readStream(POLICIES_STREAM, { direction: 'backwards' }))
      try {
        last = Math.max(last, event.revision);
        stored.#take(event);
        break;
      } catch (error) {
        onSetAside(event, error);
      }
    const from = last === UNSET ? 'start' : { after: last };
    stored.#subscription = keepSubscribedToStream(store, POLICIES_STREAM, {
      from,
      onSetAside,
      take: (event) => stored.#take(event),
      onInterrupted: onError,
    });
    return stored;
  }

  current(): readonly Policy[] {
    return this.#policies;
  }

  /** Of those in force; `UNSET` for the configuration's. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Puts other policies in force. Resolves when they are stored, and in force in this process.
   *
   * @param by the account that does so
   * @param expected the revision that they replace; any, when it is not given
   * @throws routing.policies-changed, store.*
   */
  async set(policies: readonly Policy[], by: string, expected?: number): Promise<void> {
    const { store, region, now = Date.now } = this.#options;
    const data: Messages['RoutingPoliciesSet'] = { policies: JSON.stringify(policies), by };
    verifyEvent('RoutingPoliciesSet', data);
    const event = {
      id: randomUUID(),
      type: 'RoutingPoliciesSet',
      version: 1,
      time: now(),
      region,
      data,
      cause: '',
      correlation: '',
    };
    const wanted = expected === undefined ? 'any' : expected === UNSET ? 'no-stream' : expected;
    try {
      const { revision } = await store.append(POLICIES_STREAM, wanted, [event]);
      this.#inForce(policies, revision);
    } catch (error) {
      if (!isTandemError(error, 'store.wrong-revision')) throw error;
      const revision = this.#revision;
      throw new TandemError('routing.policies-changed', { expected: expected!, revision }, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.#subscription?.stop();
  }

  #take(event: RecordedEvent): void {
    const { revision, type } = event;
    if (revision <= this.#revision) return;
    const { data } = upcast(event);
    verifyEvent(type, data);
    this.#inForce(JSON.parse((data as Messages['RoutingPoliciesSet']).policies), revision);
  }

  #inForce(policies: readonly Policy[], revision: number): void {
    if (revision <= this.#revision) return;
    [this.#policies, this.#revision] = [policies, revision];
    this.#options.onChange?.();
  }
}
