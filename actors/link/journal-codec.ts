import { TandemError } from '../errors/index.ts';
import { formatGateway, type GatewayId } from '../names/index.ts';
import { limits } from '../peers/index.ts';
import type { RecordedEvent } from '../stores/event-store/index.ts';
import { isLinkPosition } from '../stores/event-store/index.ts';
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

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Of actors that gateways run, and of the snapshots that earlier releases shipped. */
const STREAM = /^(?:snapshot-)?(?:leg|pipe|call|gateway|region)-/;
const TYPE = /^[A-Za-z]\w*$/;

/**
 * The event as it was journalled. Whether its data is what its type should be, and its stream the gateway's, whoever
 * stores it sees to: one such event does not stop the others.
 *
 * @throws link.bad-message
 */
export function decodeEvent(message: JournalEvent, from: GatewayId): RecordedEvent {
  const { region } = from;
  const position = message.position ?? '';
  const refuse = (detail: string): TandemError =>
    new TandemError('link.bad-message', {
      peer: `Gateway ${formatGateway(from)}`,
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
  if (!TYPE.test(type)) throw refuse('type is no name of a message');
  const id = filled('id');
  if (!UUID.test(id)) throw refuse('id is no UUID in lower case');
  if (name('region') !== region) throw refuse(`it belongs to region ${JSON.stringify(name('region'))}`);
  const stream = filled('stream');
  if (!STREAM.test(stream)) throw refuse(`stream ${JSON.stringify(stream)} is none of a gateway's actors`);
  const time = message.time ?? 0;
  if (!Number.isFinite(time) || time < 0) throw refuse(`time ${time} is out of range`);
  return {
    position,
    id,
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
