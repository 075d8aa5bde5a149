import { setTimeout as sleep } from 'node:timers/promises';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import { forHistory, Logins } from '../../documents/fetch/index.ts';
import { parseStaticDocument } from '../../documents/twiml/index.ts';
import { asRecorded, TandemError } from '../../errors/index.ts';
import { derivedUuid } from '../../events/index.ts';
import type { CommandResult, LinkCommand } from '../../link/index.ts';
import { callKind } from '../../machines/call/index.ts';
import { callStream, formatGateway, type GatewayId, idOf, isCallStream } from '../../names/index.ts';
import type { ActorSystem, Message } from '../../runtime/index.ts';
import { isOver } from '../../runtime/index.ts';
import type {
  Checkpoints,
  EventStore,
  Position,
  RecordedEvent,
  Subscription,
} from '../../stores/event-store/index.ts';
import { positionWithin } from '../../stores/event-store/index.ts';
import { beginsAtGateway } from '../shipping/index.ts';
import { type CallEffectHandlers, callEffects } from './call-effects.ts';
import { callMessage } from './call-message.ts';
import { FAULTS_OF_THE_CALL } from './call-router.ts';
import { oneGateway } from './call-routing.ts';
import { createNumberPlan, type NumberPlan } from './number-plan.ts';

/** A number that its gateway answers itself, with no application. */
export interface StaticNumber {
  /** E.164, such as `+15550100`. */
  readonly number: string;
  /** The account to which its calls belong. */
  readonly accountSid: string;
  /** TwiML. */
  readonly document: string;
}

export interface StaticCallsOptions extends GatewayId {
  readonly numbers: readonly StaticNumber[];
  readonly journal: EventStore;
  readonly checkpoints: Checkpoints;
  readonly system: ActorSystem;
  /** Has a leg of this gateway take a command. */
  readonly command: (command: LinkCommand) => Promise<CommandResult>;
  /** Called with what a call could not take. */
  readonly onError: (error: unknown, stream: string) => void;
}

const CHECKPOINT = 'static-calls';
/** Milliseconds between two notes of how far the journal was heard; what came since is heard again at the next start. */
const NOTE_EVERY = 1000;
/** Milliseconds before a journal that could not be read is read again. */
const READ_AGAIN = 1000;
/** Milliseconds that the ends of calls are waited for when this is closed. */
const PATIENCE = 2000;

/** Calls that are remembered; a leg of one that is over is let go. */
const REMEMBERED = 10_000;

const SCHEME = 'static:';

/**
 * The call router of a gateway's own (requirement C8): it runs the calls to numbers that need no application, whether
 * a main region can be reached or not. Calls and their legs are in one journal, which is shipped as a whole, so a
 * main region shows these calls as it shows its own.
 */
export class StaticCalls {
  readonly #options: StaticCallsOptions;
  readonly #documents: ReadonlyMap<string, { readonly body: string; readonly instructions: Instruction[] }>;
  readonly #plan: NumberPlan;
  /** Of files that documents play, by account. */
  readonly #logins = new Map<string, Logins>();
  /** Sids of the calls that are run here, and of the last that were. */
  readonly #calls = new Set<string>();
  #subscription: Subscription | undefined;
  #again: NodeJS.Timeout | undefined;
  #closed = false;
  #heard: Position | undefined;
  #noted = 0;

  /** @throws document.* for a number whose document cannot be run */
  constructor(options: StaticCallsOptions) {
    const { numbers, system } = options;
    this.#options = options;
    this.#documents = new Map(
      numbers.map(({ number, document, accountSid }) => [
        SCHEME + number,
        {
          body: forHistory(document),
          instructions: parseStaticDocument(document, (url) => this.#loginsOf(accountSid).take(url)),
        },
      ]),
    );
    this.#plan = createNumberPlan(
      numbers.map(({ number, accountSid }) => ({
        number,
        accountSid,
        application: { voiceUrl: SCHEME + number, voiceMethod: 'GET' },
      })),
    );
    system.register(callKind, this.#effects());
  }

  #loginsOf(accountSid: string): Logins {
    const logins = this.#logins.get(accountSid) ?? new Logins();
    this.#logins.set(accountSid, logins);
    return logins;
  }

  /** The router of calls to a number: the gateway itself where it answers it, `ie1/gw1`, and nobody else here. */
  router(to: string | undefined): string | undefined {
    const isOurs = to !== undefined && this.#plan.lookUp(to).application !== undefined;
    return isOurs ? formatGateway(this.#options) : undefined;
  }

  /** Names of the checkpoints up to which the journal was heard: none where nobody listens, now or after a restart. */
  get readers(): readonly string[] {
    return this.#subscription ? [CHECKPOINT] : [];
  }

  /** Begins to hear what the journal says of legs; to be called when the actors of the process before are back. */
  async start(): Promise<void> {
    const { checkpoints, journal, numbers, system } = this.#options;
    for (const stream of system.liveStreams().filter(isCall)) this.#calls.add(idOf(stream));
    const isIdle = numbers.length === 0 && this.#calls.size === 0;
    const noted = isIdle ? undefined : await checkpoints.load(CHECKPOINT);
    // A journal that ends before what was heard of it is another one.
    const saved = noted === undefined ? undefined : ((await positionWithin(journal, noted)) ?? BEGINNING);
    // Whatever was journalled before there were static numbers concerns none of them.
    this.#heard = saved ?? (await this.#end());
    await this.#note();
    if (!isIdle) this.#listen();
  }

  async #end(): Promise<Position | undefined> {
    const { journal } = this.#options;
    for await (const { position } of journal.readAll({ direction: 'backwards', limit: 1 })) return position;
    return undefined;
  }

  async #note(): Promise<void> {
    await this.#options.checkpoints.save(CHECKPOINT, this.#heard ?? BEGINNING);
  }

  #listen(): void {
    const { journal, onError } = this.#options;
    const from = this.#heard === undefined || this.#heard === BEGINNING ? 'start' : { after: this.#heard };
    this.#subscription = journal.subscribeToAll(from, (event) => this.#take(event));
    this.#subscription.ended.catch((error) => {
      if (asRecorded(error).code.endsWith('.closed')) return; // the process is being stopped
      onError(error, 'static-calls');
      if (!this.#closed) this.#again = setTimeout(() => this.#listen(), READ_AGAIN);
    });
  }

  /** To be called when the legs are at their end: waits a little for their calls' ends. */
  async close(): Promise<void> {
    const { system } = this.#options;
    const until = performance.now() + PATIENCE;
    while (system.liveStreams().some(isCall) && performance.now() < until) await sleep(10);
    this.#closed = true;
    clearTimeout(this.#again);
    await this.#subscription?.stop();
    await this.#note();
  }

  async #take(event: RecordedEvent): Promise<void> {
    if (event.type === 'LegOffered' && beginsAtGateway(event)) this.#remember(event.correlation);
    const isOurs = this.#calls.has(event.correlation);
    const message = isOurs ? callMessage(event, this.#plan, formatGateway(this.#options)) : undefined;
    if (message) await this.#tell(event, message);
    this.#heard = event.position;
    if (performance.now() < this.#noted + NOTE_EVERY) return;
    this.#noted = performance.now();
    await this.#note();
  }

  #remember(callSid: string): void {
    this.#calls.add(callSid);
    if (this.#calls.size > REMEMBERED) this.#calls.delete(this.#calls.values().next().value!);
  }

  /** Tells a call. One that fails on it is ended, as are the legs of one that is over; what is not durable is told again. */
  async #tell(event: RecordedEvent, message: Message): Promise<void> {
    const { system, onError } = this.#options;
    const stream = callStream(event.correlation);
    try {
      const outcome = await system.tell(stream, message);
      if (!outcome.taken && isOver(outcome.state)) await this.#letGo(event);
    } catch (error) {
      const { code, message: detail } = asRecorded(error);
      if (!FAULTS_OF_THE_CALL.has(code)) throw error;
      onError(error, stream);
      const data = { reason: 'failed', detail };
      const end = { type: 'CallHangupRequested', data, cause: event.id } as const;
      const ended = await system.tell(stream, end).catch((lost) => onError(lost, stream));
      if (!ended?.taken) await this.#letGo(event);
    }
  }

  async #letGo({ id, type, stream, correlation }: RecordedEvent): Promise<void> {
    if (type === 'LegEnded') return;
    const data = { reason: 'failed', detail: 'The call is over' };
    const command = { type: 'HangupRequested', data, cause: id, correlation };
    await this.#command({ ...command, id: derivedUuid(id, 'let go'), stream });
  }

  #effects(): CallEffectHandlers {
    return {
      ...callEffects({
        store: this.#options.journal,
        command: (_here, command) => this.#command(command),
        routing: oneGateway,
        plan: { loginFor: (accountSid, url) => this.#loginsOf(accountSid).find(url) },
        ...NO_APPLICATIONS,
      }),
      fetch: ({ request }, { tell }) => {
        const { id: requestId, url, method } = request;
        const asked = { requestId, url, method, duration: 0 };
        const document = this.#documents.get(url);
        if (document)
          return tell('DocumentFetched', { ...asked, status: 200, contentType: 'text/xml', ...document });
        const missing = new TandemError('document.no-static-number', { number: url.slice(SCHEME.length) });
        return tell('DocumentFailed', { ...asked, ...asRecorded(missing) });
      },
    };
  }

  /** What a gateway refuses comes back as it does over a link. */
  async #command(command: LinkCommand): Promise<CommandResult> {
    const { data, type } = command;
    const router = formatGateway(this.#options);
    const own = type === 'LegRequested' ? { ...command, data: { ...data, router } } : command;
    return this.#options.command(own).catch((error) => ({ accepted: false, ...asRecorded(error) }));
  }
}

/** Documents come from the configuration, so nothing is ever fetched with these. */
const NO_APPLICATIONS = {
  fetcher: { fetch: () => Promise.reject(new TandemError('runtime.closed', {})), close: async () => {} },
  authToken: () => undefined,
};

/** The position before the first event: said, too, or a crash would make the next start begin at the end. */
const BEGINNING = '' as Position;

const isCall = (stream: string): boolean => isCallStream(stream);
