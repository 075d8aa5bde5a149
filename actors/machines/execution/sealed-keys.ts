import { isSealed } from '../../secrets/index.ts';
import {
  type CallContext,
  type CallEffect,
  type CallStep,
  command,
  currentInstruction,
} from './call-context.ts';

// A document with a Gather that asks for it has the keys of the caller sealed where they are heard, before they are
// stored anywhere: from its first instruction on, since impatient callers press while they are still greeted, until the
// next document, since they go on pressing when they have pressed enough. The call counts sealed keys, and its router
// opens them for the application only (docs/decisions/0017).

/**
 * The keys that are not sealed, of a caller whose others are: those that end the Gather that is run now or comes next.
 * Undefined where none are sealed: without such a Gather, and during a Dial, whose keys are for the two parties.
 */
function wanted(context: CallContext): string | undefined {
  const { instructions, next } = context;
  const gathers = instructions.filter((instruction) => 'gather' in instruction);
  if (!gathers.some(({ gather }) => gather.redact === true)) return undefined;
  if ('dial' in (currentInstruction(context) ?? {})) return undefined;
  const coming = instructions.slice(next - 1).find((instruction) => 'gather' in instruction);
  return (coming ?? gathers.at(-1)!).gather.finishOnKey;
}

const tellGateway = (context: CallContext, except: string | undefined): CallEffect =>
  command(
    context,
    context.caller,
    'KeySealingRequested',
    // The router says whose keys they are sealed to, when it sends this.
    except === undefined ? { except: '' } : { sealTo: { keys: [] }, except },
  );

/** To be done with each instruction, before anything that it asks of the caller. */
export const sealKeys: CallStep = (context) => {
  const sealing = wanted(context);
  return sealing === context.sealing
    ? {}
    : { context: { sealing }, effects: [tellGateway(context, sealing)] };
};

/** For a gateway that may not have heard of it. */
export const sealKeysAgain = (context: CallContext): CallEffect[] =>
  context.sealing === undefined ? [] : [tellGateway(context, context.sealing)];

/** Keys of a Gather with one more; once one of them is sealed, the others follow it in a list. */
export function withKey(
  { digits, sealedDigits }: Pick<CallContext, 'digits' | 'sealedDigits'>,
  key: string,
): Partial<CallContext> {
  return sealedDigits || isSealed(key)
    ? { sealedDigits: [...(sealedDigits ?? []), key] }
    : { digits: digits + key };
}

export const countKeys = ({ digits, sealedDigits = [] }: CallContext): number =>
  digits.length + sealedDigits.length;
