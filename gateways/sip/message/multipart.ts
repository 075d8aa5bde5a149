import { MAX_BODY_PARTS, MAX_MULTIPART_DEPTH } from './limits.ts';
import { parseParameterized } from './parameters.ts';
import { malformed, trimSpace, unquote } from './syntax.ts';

/** One part of a body that has several, or a whole body (RFC 5621). */
export interface BodyPart {
  /** The media type in lower case, without its parameters. */
  readonly type: string;
  /** In lower case; absent when the part does not say: SDP is then a session, other things are for people to see. */
  readonly disposition?: string;
  /** Whoever does not understand it may leave it alone. */
  readonly optional: boolean;
  /** It is written in another way than as it is (base64, say), which nobody does in SIP. */
  readonly encoded: boolean;
  /** Its bytes as Latin-1. */
  readonly text: string;
  /** The parts that it consists of, when it has several itself. */
  readonly parts?: readonly BodyPart[];
}

const PLACE = 'body';

/** Of RFC 2046, section 5.1.1; it may not end in a space. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

export const isMultipart = (type: string): boolean => /^multipart\//.test(type);

/**
 * The parts of a multipart body, in order (RFC 2046, section 5.1). Bodies without their last delimiter are read to their
 * end.
 *
 * @param contentType with its `boundary`
 * @throws sip.malformed without a boundary or a part, with a part whose fields are malformed, or more parts than we read
 */
export const partsOf = (contentType: string, body: Buffer): readonly BodyPart[] =>
  splitParts(contentType, body.toString('latin1'), 1, { left: MAX_BODY_PARTS });

interface Room {
  left: number;
}

function splitParts(contentType: string, text: string, depth: number, room: Room): readonly BodyPart[] {
  if (depth > MAX_MULTIPART_DEPTH) throw malformed('parts are nested too deep', PLACE);
  const boundary = unquote(parseParameterized(contentType, 'Content-Type').parameters.get('boundary') ?? '');
  if (!BOUNDARY.test(boundary)) throw malformed('its parts have no valid boundary', PLACE);
  const quoted = boundary.replace(/[^0-9A-Za-z]/g, '\\$&');
  const delimiter = new RegExp(`(?:^|\\r?\\n)--${quoted}(--)?[ \\t]*(?=\\r?\\n|$)`, 'g');
  const parts: BodyPart[] = [];
  let from: number | undefined;
  for (const { index, 0: found, 1: last } of text.matchAll(delimiter)) {
    if (from !== undefined) parts.push(readPart(text.slice(from, index), depth, room));
    from = last === undefined ? index + found.length : undefined;
    if (last !== undefined) break;
  }
  if (from !== undefined) parts.push(readPart(text.slice(from), depth, room));
  if (parts.length === 0) throw malformed('it has no part', PLACE);
  return parts;
}

/** @param text from the line break behind the delimiter to the one before the next */
function readPart(text: string, depth: number, room: Room): BodyPart {
  if (room.left-- === 0) throw malformed(`it has more than ${MAX_BODY_PARTS} parts`, PLACE);
  // The fields end with an empty line, which is the first one when there are none.
  const end = /\r?\n\r?\n/.exec(text);
  const head = end === null ? text : text.slice(0, end.index);
  const content = end === null ? '' : text.slice(end.index + end[0].length);
  const fields = readFields(head);
  const contentType = fields.get('content-type') ?? 'text/plain';
  const type = parseParameterized(contentType, PLACE)
    .value.replace(/[ \t]+/g, '')
    .toLowerCase();
  const said = fields.get('content-disposition');
  const disposition = said === undefined ? undefined : parseParameterized(said, PLACE);
  const handling = disposition?.parameters.get('handling')?.toLowerCase();
  const encodings = [fields.get('content-encoding'), fields.get('content-transfer-encoding')];
  return {
    type,
    ...(disposition !== undefined && { disposition: disposition.value.toLowerCase() }),
    // Nothing that we read refers to a part, so that one which is there to be referred to says nothing to us.
    optional: handling === 'optional' || disposition?.value.toLowerCase() === 'by-reference',
    encoded: encodings.some((one) => one !== undefined && !/^(?:identity|7bit|8bit|binary)$/i.test(one)),
    text: content,
    ...(isMultipart(type) && { parts: splitParts(contentType, content, depth + 1, room) }),
  };
}

/** Fields by their names in lower case, the first of each; lines that begin with a space go on with the line before. */
function readFields(head: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    if (colon < 1) throw malformed('a part has a line that is no field', PLACE);
    const name = trimSpace(line.slice(0, colon)).toLowerCase();
    if (!fields.has(name)) fields.set(name, trimSpace(line.slice(colon + 1)));
  }
  return fields;
}

const isSession = ({ type, disposition = 'session', encoded }: BodyPart): boolean =>
  type === 'application/sdp' && disposition === 'session' && !encoded;

/** The SDP of the session among parts: the first, or the last of those that are alternatives (RFC 2046, section 5.1.4). */
export const sessionIn = (type: string, parts: readonly BodyPart[]): string | undefined => {
  const session = flat(type, parts).find(isSession);
  return session && Buffer.from(session.text, 'latin1').toString();
};

/** The parts that consist of no others, those to be preferred first. */
const flat = (type: string, parts: readonly BodyPart[]): BodyPart[] =>
  (type === 'multipart/alternative' ? [...parts].reverse() : parts).flatMap((part) =>
    part.parts === undefined ? [part] : flat(part.type, part.parts),
  );

/** Whether somebody who knows these media types may serve what the parts ask for: all of them, or one alternative. */
export const areServed = (type: string, parts: readonly BodyPart[], known: ReadonlySet<string>): boolean => {
  const isServed = (part: BodyPart): boolean =>
    part.optional ||
    (part.parts !== undefined && areServed(part.type, part.parts, known)) ||
    (part.type === 'application/sdp' ? isSession(part) : known.has(part.type) && !part.encoded);
  return type === 'multipart/alternative' ? parts.some(isServed) : parts.every(isServed);
};
