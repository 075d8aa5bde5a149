import { Type } from '@sinclair/typebox';
import type { DialTarget } from '@tandem/proto/generated/events.ts';
import type { XmlElement } from '../../documents/xml/index.ts';
import {
  badContent,
  type DocumentSource,
  type ElementReader,
  leaveOut,
  matching,
  normalisePhoneNumber,
  notRun,
  quoted,
  readAttributes,
  readText,
  readUriHeaders,
  splitUri,
  under,
} from '../../documents/xml/index.ts';

/** What Twilio can do per dialled endpoint and this version cannot. */
export const NOT_RUN_PER_TARGET = [
  'url',
  'method',
  'statusCallback',
  'statusCallbackEvent',
  'statusCallbackMethod',
  'machineDetection',
  'machineDetectionTimeout',
  'machineDetectionSpeechThreshold',
  'machineDetectionSpeechEndThreshold',
  'machineDetectionSilenceTimeout',
  'amdStatusCallback',
  'amdStatusCallbackMethod',
] as const;

const attributes = Type.Object({
  sendDigits: Type.Optional(
    matching(/^[0-9A-D*#wW]{1,100}$/, 'up to 100 of 0-9, A-D, *, # and w (half a second) is', {
      essential: true,
    }),
  ),
  ...under([...NOT_RUN_PER_TARGET, 'byoc'], () => notRun()),
});

/** A phone number to dial. */
export const number: ElementReader<DialTarget> = {
  tag: 'Number',
  read(element, source) {
    const written = readText(element, source);
    if (written === '') return leaveOut(element, 'names nobody to call', source);
    const { address, headers } = splitUri(written);
    const number = {
      number: phoneNumber(address, element, source),
      ...readAttributes(element, attributes, source),
    };
    if (headers === undefined) return { number };
    const fields = readUriHeaders(headers);
    if (typeof fields === 'string') throw badContent(element, fields, source);
    return { number: { ...number, headers: { fields } } };
  },
};

/**
 * What an element holds as a phone number.
 * @throws document.bad-content
 */
export function phoneNumber(written: string, element: XmlElement, source: DocumentSource): string {
  const normalised = normalisePhoneNumber(written);
  if (normalised === undefined) {
    const shown = quoted(written);
    throw badContent(element, `names "${shown}", which is no phone number such as +14155550123`, source);
  }
  return normalised;
}
