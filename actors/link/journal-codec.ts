import { TandemError } from '../errors/tandem-error.ts';
import { isEventType } from '../events/event-schema.ts';
import type { RecordedEvent } from '../stores/event-store.ts';
import { type GatewayName, gatewayStream, sayGateway } from './gateway-name.ts';
import { limits } from './limits.ts';
import { isLinkPosition } from './position.ts';
import { asBuffer, type JournalEvent } from './service.ts';

/** A journalled event as it travels. */
export type ShippedEvent = JournalEvent & { readonly position: string; readonly data: Uint8Array };

/** @throws link.event-too-large, link.bad-message when the journal's positions are not decimal */
export function encodeEvent(event: RecordedEvent): ShippedEvent {
  if (!isLinkPosition(event.position))
    throw new TandemError('link.bad-message', {
      peer: 'The journal',
      detail: `position ${JSON.stringify(event.position)} is not a decimal number`,
    });
  const data = Buffer.from(JSON.stringify(event.data));
  if (data.length > limits.eventBytes)
    throw new TandemError('link.event-too-large', {
      id: event.id,
      stream: event.stream,
      bytes: data.length,
      limit: limits.eventBytes,
    });
  return { ...event, data };
}

/**
 * The event as it was journalled.
 *
 * @throws link.bad-message, link.unknown-type
 */
export function decodeEvent(message: JournalEvent, from: GatewayName): RecordedEvent {
  const { region } = from;
  const position = message.position ?? '';
  const refuse = (detail: string): TandemError =>
    new TandemError('link.bad-message', {
      peer: `Gateway ${sayGateway(from)}`,
      detail: `event at position ${JSON.stringify(position.slice(0, 32))}: ${detail}`,
    });
  if (!isLinkPosition(position)) throw refuse('the position is not an unsigned decimal number');
  const name = (field: 'id' | 'stream' | 'type' | 'region' | 'cause' | 'correlation'): string => {
    const text = message[field] ?? '';
    if (text.length > limits.name) throw refuse(`${field} has more than ${limits.name} characters`);
    return text;
  };
  const filled = (field: 'id' | 'stream' | 'type'): string =>
    name(field) || raise(refuse(`${field} is empty`));
  const whole = (field: 'revision' | 'version', least: number): number => {
    const value = message[field] ?? 0;
    if (!Number.isSafeInteger(value) || value < least) throw refuse(`${field} ${value} is out of range`);
    return value;
  };
  const type = filled('type');
  if (!isEventType(type))
    throw new TandemError('link.unknown-type', {
      type: JSON.stringify(type),
      where: `journal of ${sayGateway(from)}`,
    });
  if (name('region') !== region) throw refuse(`it belongs to region ${JSON.stringify(name('region'))}`);
  const stream = filled('stream');
  if (!isOwn(stream, name('correlation'), from))
    throw refuse(`stream ${JSON.stringify(stream)} is not the gateway's to write`);
  const time = message.time ?? 0;
  if (!Number.isFinite(time) || time < 0) throw refuse(`time ${time} is out of range`);
  return {
    position,
    id: filled('id'),
    stream,
    revision: whole('revision', 0),
    type,
    version: whole('version', 1),
    time,
    region,
    cause: name('cause'),
    correlation: name('correlation'),
    data: parseData(message.data) ?? raise(refuse('data is not a JSON object in UTF-8')),
  };
}

/**
 * Whether actors of a gateway write a stream. Each speaks of itself only; of calls it writes those that it runs itself,
 * which whoever stores them sees to.
 */
function isOwn(stream: string, call: string, from: GatewayName): boolean {
  const actor = stream.replace(/^snapshot-/, '');
  if (stream.startsWith('call-')) return stream === `call-${call}`;
  return (
    /^(?:leg|pipe|call)-/.test(actor) || actor === `region-${from.region}` || actor === gatewayStream(from)
  );
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON object in these bytes, or undefined when they hold none. */
export function parseData(bytes: Uint8Array | null | undefined): object | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(asBuffer(bytes ?? new Uint8Array())));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function raise(error: Error): never {
  throw error;
}
