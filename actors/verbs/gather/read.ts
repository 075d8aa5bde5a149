import { Type } from '@sinclair/typebox';
import type { Instruction } from '@tandem/proto/generated/events.ts';
import {
  badAttribute,
  choice,
  type ElementReader,
  flag,
  httpMethod,
  ignored,
  matching,
  readAttributes,
  readChildren,
  under,
  url,
  whole,
} from '../../documents/xml/index.ts';
import { readPause } from '../pause/index.ts';
import { readPlay } from '../play/index.ts';
import { readSay } from '../say/index.ts';

/** Attributes that steer speech recognition; with digits only they mean nothing, and are let pass. */
const SPEECH_ONLY = [
  'language',
  'hints',
  'speechTimeout',
  'maxSpeechTime',
  'speechModel',
  'enhanced',
  'profanityFilter',
  'partialResultCallback',
  'partialResultCallbackMethod',
  'bargeIn',
  'debug',
] as const;

const attributes = Type.Object({
  input: choice(['dtmf'], { default: 'dtmf', notRun: ['speech', 'dtmf speech', 'speech dtmf'] }),
  numDigits: Type.Optional(whole(1, 1000)),
  finishOnKey: matching(/^[0-9*#]?$/, 'one of 0-9, * and #, or nothing is', { default: '#' }),
  timeout: whole(1, 600, { default: 5 }), // seconds of silence
  action: Type.Optional(url()),
  method: httpMethod(),
  actionOnEmptyResult: flag(false),
  redact: flag(false),
  ...under(SPEECH_ONLY, ignored),
});

/** Collects keys while prompts are heard, and hands them to the action's URL. */
export const readGather: ElementReader<Instruction> = {
  tag: 'Gather',
  read(element, source) {
    const values = readAttributes(element, attributes, source);
    const method = element.attributes.find(({ name }) => name === 'method');
    if (values.redact && values.method === 'GET' && method)
      throw badAttribute(element, method, source, 'POST with redact, since servers log URLs');
    return {
      gather: {
        input: [values.input],
        ...(values.numDigits === undefined ? {} : { numDigits: values.numDigits }),
        finishOnKey: values.finishOnKey,
        timeout: values.timeout,
        action: values.action ?? source.notes.takeLogin(source.url), // the document asks its own URL again
        method: values.method,
        actionOnEmptyResult: values.actionOnEmptyResult,
        ...(values.redact && { redact: true }),
        prompts: readChildren(element, [readSay, readPlay, readPause], source),
      },
    };
  },
};
