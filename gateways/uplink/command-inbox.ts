import { asRecorded, TandemError } from '@tandem/actors/errors';
import { isEventType } from '@tandem/actors/events';
import type { CommandMessage, CommandResult, LinkCommand, ResultMessage } from '@tandem/actors/link';
import { parseData } from '@tandem/actors/link';
import { limits } from '@tandem/actors/peers';

/**
 * Has an actor of this gateway take a command of a router's; called in order, and to tell the actor before it gives
 * way.
 */
export type TakeCommand = (command: LinkCommand, router: string) => Promise<CommandResult>;

/** Commands from a main region, over all the streams that bring them. */
export interface CommandInbox {
  /**
   * The answer to a command. One that was given before, under the same id, gets the answer that it had then.
   * Never rejects.
   */
  take(message: CommandMessage, router: string): Promise<ResultMessage>;
}

export interface InboxLimits {
  /** Commands at work at a time. */
  readonly atWork: number;
  /** Answers that are remembered. */
  readonly remembered: number;
}

/**
 * Commands are handed over in the order in which they came, without waiting for the one before: an actor takes
 * what it is told in order, and stores what came together in one append.
 */
export function createCommandInbox(
  gateway: string,
  takeCommand: TakeCommand,
  { atWork, remembered }: InboxLimits = { atWork: limits.commands, remembered: 10_000 },
): CommandInbox {
  const working = new Map<string, Promise<ResultMessage>>();
  const answers = new Map<string, ResultMessage>();

  function remember(answer: ResultMessage): void {
    answers.set(answer.id!, answer);
    if (answers.size > remembered) answers.delete(answers.keys().next().value!);
  }

  async function carryOut(command: LinkCommand, router: string): Promise<ResultMessage> {
    try {
      return toMessage(command.id, await takeCommand(command, router));
    } catch (error) {
      return refusal(command.id, error);
    }
  }

  async function finish(command: LinkCommand, router: string): Promise<ResultMessage> {
    const answer = await carryOut(command, router);
    working.delete(command.id);
    remember(answer);
    return answer;
  }

  return {
    async take(message, router) {
      const id = message.id ?? '';
      const known = answers.get(id) ?? working.get(id);
      if (known) return known;
      try {
        const command = decodeCommand(message, gateway);
        if (working.size >= atWork)
          throw new TandemError('link.region-busy', { gateway, waiting: working.size });
        const answer = finish(command, router);
        working.set(id, answer);
        return await answer;
      } catch (error) {
        return refusal(id, error);
      }
    },
  };
}

/** @throws link.unknown-type, link.bad-message */
function decodeCommand(message: CommandMessage, gateway: string): LinkCommand {
  const { id, stream, type, cause, correlation } = message;
  const bad = (detail: string): TandemError =>
    new TandemError('link.bad-message', { peer: 'The main region', detail: `command: ${detail}` });
  if (!id || !stream || !type) throw bad('id, stream or type is empty');
  if (Math.max(id.length, stream.length, cause?.length ?? 0, correlation?.length ?? 0) > limits.name)
    throw bad(`id, stream, cause or correlation has more than ${limits.name} characters`);
  if (!isEventType(type))
    throw new TandemError('link.unknown-type', {
      type: JSON.stringify(type.slice(0, limits.name)),
      where: `command in ${gateway}`,
    });
  const data = parseData(message.data);
  if (!data) throw bad('data is not a JSON object in UTF-8');
  return { id, stream, type, data, cause: cause ?? '', correlation: correlation ?? '' };
}

const toMessage = (id: string, { accepted, code = '', message = '' }: CommandResult): ResultMessage => ({
  id,
  accepted,
  code,
  message: message.slice(0, limits.explanation),
});

const refusal = (id: string, error: unknown): ResultMessage =>
  toMessage(id, { accepted: false, ...asRecorded(error) });
