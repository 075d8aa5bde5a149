import { TandemError } from '../errors/index.ts';
import { isEventType } from '../events/index.ts';
import { limits } from '../peers/index.ts';
import type { CommandMessage, ResultMessage } from './service.ts';

/** A message for an actor of a gateway. */
export interface LinkCommand {
  /** UUID; the event that the command causes bears it too. */
  readonly id: string;
  /** The actor's stream. */
  readonly stream: string;
  /** Name of a message in proto/events.proto that the actor takes. */
  readonly type: string;
  /** That message's proto3 JSON form. */
  readonly data: object;
  /** Id of the event behind it. */
  readonly cause: string;
  /** Sid of the call. */
  readonly correlation: string;
  /** How often the call was taken over when the command was given; of two routers' commands, the later one's count. */
  readonly takeovers?: number;
}

/** What came of a command. */
export interface CommandResult {
  /** False when the actor's state does not take the command now, or when `code` says why it did not get there. */
  readonly accepted: boolean;
  readonly code?: string;
  readonly message?: string;
}

/** The commands to one gateway that it has not answered, whether it is there or away. */
export interface CommandOutbox {
  readonly waiting: number;
  /**
   * Sends a command, now or when the gateway is back, as soon as it works on fewer than it may at a time. The same id
   * again, while it waits, gets the same answer. One that begins something new is refused while so many wait; what is for a
   * leg or a pipe that is there must get to it, or its call would stand still, and waits behind them.
   *
   * @throws link.region-busy, link.region-unreachable, link.command-too-large, link.unknown-type, link.closed
   */
  add(command: LinkCommand): Promise<CommandResult>;
  /** A stream is there: everything that waits goes out on it, in order, and then what is added. */
  attach(send: (command: CommandMessage) => void): void;
  detach(): void;
  /** Whether the command of this answer was waiting. */
  settle(result: ResultMessage): boolean;
  /** Rejects what waits and whatever is added from now on. */
  close(): void;
}

/** Commands for what is there that may wait for one gateway: some for each leg that it may have. */
const MOST_WAITING = 100_000;

/** What begins something that need not begin. */
const BEGINS: ReadonlySet<string> = new Set(['LegRequested', 'LegAdoptRequested', 'PipeRequested']);

interface Waiting {
  readonly message: CommandMessage;
  readonly bytes: number;
  readonly answer: Promise<CommandResult>;
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
  /** Whether it went out on the stream that is there. */
  sent: boolean;
}

/**
 * `gateway` is for errors, `expiry` in milliseconds, `most` is the number of commands that the gateway works on at a time,
 * and that wait before nothing new is begun.
 */
export function createCommandOutbox(gateway: string, expiry: number, most: number): CommandOutbox {
  const waiting = new Map<string, Waiting>();
  let waitingBytes = 0;
  /** Commands on the stream that is there. */
  let underWay = 0;
  let send: ((command: CommandMessage) => void) | undefined;
  let closed = false;

  function take(id: string): Waiting | undefined {
    const one = waiting.get(id);
    if (one) {
      clearTimeout(one.timer);
      waiting.delete(id);
      waitingBytes -= one.bytes;
      if (one.sent) underWay -= 1;
    }
    return one;
  }

  /** Sends what waits, in order, as far as the gateway has room for it. */
  function flush(): void {
    // Looked for only where there is something: most commands are sent as they are added.
    if (!send || underWay >= most || underWay === waiting.size) return;
    for (const one of waiting.values()) {
      if (one.sent) continue;
      one.sent = true;
      underWay += 1;
      send(one.message);
      if (underWay >= most) return;
    }
  }

  const expire = (id: string): void => {
    take(id)?.reject(new TandemError('link.region-unreachable', { gateway, id, seconds: expiry / 1000 }));
    flush();
  };

  return {
    get waiting() {
      return waiting.size;
    },
    async add(command) {
      if (closed) throw new TandemError('link.closed', { name: gateway });
      const same = waiting.get(command.id);
      if (same) return same.answer;
      const message = encodeCommand(command, gateway);
      const bytes = message.data.length;
      const room = BEGINS.has(command.type) ? most : Math.max(most, MOST_WAITING);
      if (waiting.size >= room || waitingBytes + bytes > limits.commandsBytes)
        throw new TandemError('link.region-busy', { gateway, waiting: waiting.size });
      const { promise: answer, resolve, reject } = Promise.withResolvers<CommandResult>();
      const timer = setTimeout(expire, expiry, command.id);
      waiting.set(command.id, { message, bytes, answer, resolve, reject, timer, sent: false });
      waitingBytes += bytes;
      flush();
      return answer;
    },
    attach(sender) {
      send = sender;
      underWay = 0;
      for (const one of waiting.values()) one.sent = false;
      flush();
    },
    detach() {
      send = undefined;
      underWay = 0;
      for (const one of waiting.values()) one.sent = false;
    },
    settle(result) {
      const one = take(result.id ?? '');
      one?.resolve({
        accepted: result.accepted ?? false,
        ...(result.code && { code: result.code }),
        ...(result.message && { message: result.message }),
      });
      flush();
      return one !== undefined;
    },
    close() {
      closed = true;
      for (const id of [...waiting.keys()])
        take(id)?.reject(new TandemError('link.closed', { name: gateway }));
    },
  };
}

/** @throws link.command-too-large, link.unknown-type */
function encodeCommand(command: LinkCommand, gateway: string): CommandMessage & { data: Buffer } {
  const { id, stream, type, cause, correlation } = command;
  if (!isEventType(type))
    throw new TandemError('link.unknown-type', { type, where: `command to ${gateway}` });
  const data = Buffer.from(JSON.stringify(command.data));
  if (data.length > limits.commandBytes)
    throw new TandemError('link.command-too-large', {
      id,
      type,
      bytes: data.length,
      limit: limits.commandBytes,
    });
  return { id, stream, type, data, cause, correlation, takeovers: command.takeovers ?? 0 };
}
