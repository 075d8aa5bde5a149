import { Type } from '@sinclair/typebox';
import type { DialTarget, Instruction } from '@tandem/proto/generated/events.ts';
import {
  badContent,
  choice,
  type DocumentSource,
  type ElementReader,
  elementsOf,
  flag,
  httpMethod,
  ignored,
  leaveOut,
  matching,
  normalisePhoneNumber,
  notRun,
  quoted,
  readAttributes,
  readChildren,
  textOf,
  under,
  url,
  whole,
  type XmlElement,
} from '../../documents/xml/index.ts';
import { number, phoneNumber } from './number.ts';
import { sip } from './sip.ts';

const MAX_TARGETS = 10;

/** Countries whose ringing tone can be asked for, as Twilio lists them. */
const RING_TONES = [
  'automatic',
  'at',
  'au',
  'be',
  'bg',
  'br',
  'ch',
  'cl',
  'cn',
  'cz',
  'de',
  'dk',
  'ee',
  'es',
  'fi',
  'fr',
  'gr',
  'hu',
  'il',
  'in',
  'it',
  'jp',
  'lt',
  'mx',
  'my',
  'nl',
  'no',
  'nz',
  'ph',
  'pl',
  'pt',
  'ru',
  'se',
  'sg',
  'th',
  'tw',
  'uk',
  'us',
  'us-old',
  've',
  'za',
] as const;

/** These only say more about a recording or a transfer, which their own attributes ask for. */
const RECORDING_ONLY = [
  'recordingStatusCallback',
  'recordingStatusCallbackMethod',
  'recordingStatusCallbackEvent',
  'recordingTrack',
  'trim',
  'referMethod',
] as const;

const attributes = Type.Object({
  timeout: whole(1, 600, { default: 30 }), // seconds of ringing
  timeLimit: Type.Optional(whole(1, 86_400)), // seconds of talking
  callerId: Type.Optional(
    matching(/^(client:|\+)?[A-Za-z0-9 ()._/-]{1,121}$/, 'a phone number or a user name is', {
      essential: true,
    }),
  ),
  action: Type.Optional(url()),
  method: httpMethod(),
  sequential: flag(false),
  answerOnBridge: flag(false),
  hangupOnStar: flag(false),
  ringTone: Type.Optional(choice(RING_TONES)),
  record: notRun('do-not-record', 'false'),
  referUrl: notRun(),
  callReason: notRun(),
  events: notRun(),
  ...under(RECORDING_ONLY, ignored),
});

/** Connects the caller with the first of several endpoints to answer. */
export const readDial: ElementReader<Instruction> = {
  tag: 'Dial',
  read(element, source) {
    const { callerId, action, timeLimit, ringTone, ...values } = readAttributes(element, attributes, source);
    const targets = readTargets(element, source);
    // Its action is told that nobody was called.
    if (targets.length === 0 && action === undefined)
      return leaveOut(element, 'names nobody to call', source);
    return {
      dial: {
        targets,
        sequential: values.sequential,
        timeout: values.timeout,
        ...(callerId === undefined ? {} : { callerId: normalisePhoneNumber(callerId) ?? callerId }),
        ...(action === undefined ? {} : { action }),
        method: values.method,
        answerOnBridge: values.answerOnBridge,
        ...(ringTone === undefined ? {} : { ringTone }),
        hangupOnStar: values.hangupOnStar,
        ...(timeLimit === undefined ? {} : { timeLimit }),
      },
    };
  },
};

/** Nouns, or text alone, which is one number. */
function readTargets(element: XmlElement, source: DocumentSource): DialTarget[] {
  const children = elementsOf(element);
  if (children.length === 0 && textOf(element) !== '') {
    return [{ number: { number: phoneNumber(textOf(element), element, source) } }];
  }
  // Text beside nouns may be a number that was meant: it is not left out.
  if (children.length > 0 && textOf(element) !== '')
    throw badContent(element, `holds the text "${quoted(textOf(element))}" beside elements`, source);
  if (children.length > MAX_TARGETS) {
    throw badContent(element, `names ${children.length} endpoints, and takes at most ${MAX_TARGETS}`, source);
  }
  return readChildren(element, [number, sip], source);
}
