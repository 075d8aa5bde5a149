import type { Instruction } from '@tandem/proto/generated/events.ts';
import type { ElementReader } from '../documents/xml/index.ts';
import type { CallContext, CallEffect, CallStep, callSetup } from '../machines/execution/index.ts';

/** The key of a verb's instruction: `say` in `{ say: … }`. */
export type VerbName<I = Instruction> = I extends unknown ? keyof I & string : never;

/** How a verb begins when its instruction is the next one, which has been taken then. */
export interface Beginning {
  /** The first beginning whose guard holds is the one; without a guard it always is. It sees the instruction as the next. */
  readonly guard?: (args: { readonly context: CallContext }) => boolean;
  /** A state of the verb's, `fetching` for another document, `next` for nothing more, or `#call.ending`. */
  readonly target: string;
  readonly steps?: readonly CallStep[];
}

/**
 * One verb of a document, whole: how its element is read, and how a call carries its instruction out. A folder of
 * `actors/verbs/` and a line in `verbs.ts`.
 */
export interface Verb {
  readonly name: VerbName;
  readonly reader: ElementReader<Instruction>;
  /** Elements that may stand in it and are no verbs: a Dial's nouns. */
  readonly nouns?: readonly string[];
  readonly beginnings: readonly Beginning[];
  /**
   * States of a call that carries it out, each by a name of its own among all verbs'. They lead to `next`, `fetching` or
   * `#call.ending`. Their names are in histories, so they stay.
   */
  readonly states?: Readonly<Record<string, Parameters<typeof callSetup.createStateConfig>[0]>>;
  /**
   * What is asked for again when another router has the call in the middle of the instruction, besides what the call's
   * state says: legs, media, what plays. `time` is in milliseconds since the Unix epoch.
   */
  readonly resume?: (context: CallContext, time: number) => readonly CallEffect[];
  /** What of an instruction cannot be done without an application, as a static number's document has none. */
  readonly asksApplication?: (instruction: Instruction) => string | undefined;
}

/** Guard of a beginning that says what it is about: the instruction of this verb that is next. */
export const nextIs =
  (name: VerbName) =>
  ({ context }: { readonly context: CallContext }): boolean =>
    name in (context.instructions[context.next] ?? {});
