import protobuf from 'protobufjs';

const SCALARS: Record<string, string> = {
  string: 'string',
  bool: 'boolean',
  double: 'number',
  uint32: 'number',
};

/**
 * TypeScript types for the JSON form of every message of a namespace, and a map from message name to type.
 * A message whose fields are all in one oneof becomes a union; its value has exactly one of the keys.
 */
export function eventTypes(namespace: protobuf.Namespace): string {
  const messages = namespace.nestedArray.filter((one) => one instanceof protobuf.Type);
  return [
    '// Generated from events.proto by generate.ts; not edited by hand.',
    ...messages.flatMap((message) => typesOf(message, message.name)),
    '/** Every message by its name. */',
    `export interface Messages {\n${messages.map((one) => `  ${one.name}: ${one.name};`).join('\n')}\n}`,
    '',
  ].join('\n');
}

function typesOf(message: protobuf.Type, name: string): string[] {
  const inner = message.nestedArray.filter((one) => one instanceof protobuf.Type);
  const union = message.oneofsArray.find((one) => !isOptionalMarker(one));
  const shape = union ? unionOf(union, name) : objectOf(message, name);
  return [...inner.flatMap((one) => typesOf(one, name + one.name)), `export type ${name} = ${shape};`];
}

const objectOf = (message: protobuf.Type, name: string): string => {
  const fields = message.fieldsArray.map((field) => {
    const mark = field.partOf && isOptionalMarker(field.partOf) ? '?' : '';
    return `  ${field.name}${mark}: ${typeOfValue(field, name)};`;
  });
  return fields.length === 0 ? 'Record<never, never>' : `{\n${fields.join('\n')}\n}`;
};

const unionOf = (union: protobuf.OneOf, name: string): string =>
  union.fieldsArray.map((field) => `\n  | { ${field.name}: ${typeOfValue(field, name)} }`).join('');

function typeOfValue(field: protobuf.Field, owner: string): string {
  const target = field.resolvedType;
  const nested = target && target.parent instanceof protobuf.Type;
  const single = target ? (nested ? owner : '') + target.name : SCALARS[field.type];
  if (!single) throw new Error(`${owner}.${field.name}: events have no fields of type ${field.type}`);
  return field.repeated ? `${single}[]` : single;
}

/** protobufjs models a proto3 `optional` field as a oneof of one, named with a leading underscore. */
const isOptionalMarker = (oneof: protobuf.OneOf): boolean => oneof.name.startsWith('_');
