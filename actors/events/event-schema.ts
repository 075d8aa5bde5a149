import { readFileSync } from 'node:fs';
import type { Messages } from '@tandem/proto/generated/events.ts';
import protobuf from 'protobufjs';
import { TandemError } from '../errors/index.ts';

/** Name of a message in proto/events.proto. */
export type EventType = keyof Messages;

const descriptor = new URL(import.meta.resolve('@tandem/proto/generated/events.json'));
const root = protobuf.Root.fromJSON(JSON.parse(readFileSync(descriptor, 'utf8'))).resolveAll();
const namespace = root.lookup('tandem.events.v1') as protobuf.Namespace;

interface Schema {
  readonly message: protobuf.Type;
  /** Fields that may not be absent. */
  readonly required: readonly string[];
  /** Fields that hold messages, with the schema that theirs have. */
  readonly nested: readonly { readonly name: string; readonly message: string; readonly repeated: boolean }[];
}

const schemas = new Map<string, Schema>();

const isOptional = (field: protobuf.Field): boolean => field.partOf !== null;

function addSchema(message: protobuf.Type): void {
  const fields = message.fieldsArray;
  schemas.set(message.fullName, {
    message,
    required: fields.filter((field) => !isOptional(field)).map((field) => field.name),
    nested: fields
      .filter((field) => field.resolvedType instanceof protobuf.Type)
      .map((field) => ({
        name: field.name,
        message: (field.resolvedType as protobuf.Type).fullName,
        repeated: field.repeated,
      })),
  });
  for (const inner of message.nestedArray) if (inner instanceof protobuf.Type) addSchema(inner);
}
for (const one of namespace.nestedArray) if (one instanceof protobuf.Type) addSchema(one);

const PREFIX = `${namespace.fullName}.`;

/** Whether there is an event type of this name. */
export const isEventType = (type: string): type is EventType => schemas.has(PREFIX + type);

/**
 * Checks the data of an event against its message: types of all fields, and presence of those not optional.
 *
 * @throws runtime.unknown-event, runtime.invalid-event
 */
export function verifyEvent(type: string, data: unknown): void {
  const schema = schemas.get(PREFIX + type);
  if (!schema) throw new TandemError('runtime.unknown-event', { type });
  const fault =
    typeof data === 'object' && data !== null
      ? faultIn(schema, data as Record<string, unknown>)
      : 'it is no object';
  if (fault) throw new TandemError('runtime.invalid-event', { type, detail: fault });
}

function faultIn(schema: Schema, data: Record<string, unknown>): string | undefined {
  for (const name of schema.required) if (data[name] === undefined) return `${name} is missing`;
  // protobufjs takes null for absent; a machine would not.
  for (const name in data) if (data[name] === null) return `${name} is null`;
  const wrong = schema.message.verify(data);
  if (wrong) return wrong;
  for (const { name, message, repeated } of schema.nested) {
    const value = data[name];
    if (value === undefined) continue;
    const inner = schemas.get(message)!;
    for (const one of repeated ? (value as unknown[]) : [value]) {
      const fault = faultIn(inner, one as Record<string, unknown>);
      if (fault) return `${name}: ${fault}`;
    }
  }
  return undefined;
}
