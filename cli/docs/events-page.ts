import protobuf from 'protobufjs';
import { code, page, prose, table } from './markdown.ts';

/** What an event page needs to know of a kind of actor. */
export interface Taker {
  readonly name: string;
  /** Names of the event types that its machine takes in some state. */
  readonly takes: readonly string[];
}

interface Section {
  readonly title: string;
  readonly intro: string;
  readonly messages: readonly string[];
}

/** The reference page of all stored events, from the text of events.proto and the machines that take them. */
export function eventsPage(proto: string, takers: readonly Taker[]): string {
  const { root, package: name } = protobuf.parse(proto, {
    alternateCommentMode: true,
    preferTrailingComment: true,
  });
  const namespace = root.resolveAll().lookup(name ?? '') as protobuf.Namespace;
  const used = usersByType(namespace);
  return page('Events', 'proto/events.proto and the machines in actors/machines/', [
    ...paragraphs(commentBefore(proto, /^package /m)),
    ...sectionsOf(proto).flatMap(({ title, intro, messages }) => [
      `## ${capitalised(title)}`,
      ...paragraphs(intro),
      ...messages.flatMap((message) => describeMessage(namespace.lookupType(message), takers, used)),
    ]),
  ]);
}

function describeMessage(
  type: protobuf.Type,
  takers: readonly Taker[],
  used: Map<string, string[]>,
): string[] {
  const takenBy = takers.filter(({ takes }) => takes.includes(type.name)).map((taker) => taker.name);
  const partOf = used.get(type.name) ?? [];
  const inner = type.nestedArray.filter((one) => one instanceof protobuf.Type);
  return [
    `### ${type.name}`,
    ...paragraphs(type.comment ?? ''),
    ...(takenBy.length > 0 ? [`Taken by: ${takenBy.join(', ')}.`] : []),
    ...(partOf.length > 0 ? [`Part of: ${partOf.join(', ')}.`] : []),
    ...fieldTable(type),
    ...inner.flatMap((one) => [
      `#### ${type.name}.${one.name}`,
      ...paragraphs(one.comment ?? ''),
      ...fieldTable(one),
    ]),
  ];
}

function fieldTable(type: protobuf.Type): string[] {
  if (type.fieldsArray.length === 0) return [];
  const choice = type.oneofsArray.some((oneof) => !isOptionalMarker(oneof));
  return [
    ...(choice ? ['Exactly one of:'] : []),
    table(
      ['Field', 'Type', 'Meaning'],
      type.fieldsArray.map((field) => [code(field.name), typeOf(field), prose(field.comment ?? '')]),
    ),
  ];
}

const typeOf = (field: protobuf.Field): string => {
  const optional = field.partOf !== null && isOptionalMarker(field.partOf);
  return [optional ? 'optional' : '', field.repeated ? 'list of' : '', field.type].filter(Boolean).join(' ');
};

/** protobufjs models a proto3 `optional` field as a oneof of one, named with a leading underscore. */
const isOptionalMarker = (oneof: protobuf.OneOf): boolean => oneof.name.startsWith('_');

/** For each message, the names of the others that hold it. */
function usersByType(namespace: protobuf.Namespace): Map<string, string[]> {
  const users = new Map<string, Set<string>>();
  const visit = (type: protobuf.Type, owner: string): void => {
    for (const field of type.fieldsArray) {
      const target = field.resolvedType;
      if (!(target instanceof protobuf.Type) || target.name === owner || target.parent !== namespace)
        continue;
      users.set(target.name, (users.get(target.name) ?? new Set()).add(owner));
    }
    for (const one of type.nestedArray) if (one instanceof protobuf.Type) visit(one, owner);
  };
  for (const one of namespace.nestedArray) if (one instanceof protobuf.Type) visit(one, one.name);
  return new Map([...users].map(([name, owners]) => [name, [...owners]]));
}

/** The parts that lines such as `// ------- leg: one endpoint's dialog` divide the file into. */
function sectionsOf(proto: string): Section[] {
  const [, ...parts] = proto.split(/^\/\/ -{8,} /m);
  return parts.map((part) => {
    const [title = '', ...rest] = part.split('\n');
    const introEnd = rest.findIndex((line) => !line.startsWith('//'));
    return {
      title,
      intro: uncomment(rest.slice(0, introEnd)),
      messages: [...part.matchAll(/^message (\w+)/gm)].map((found) => found[1]!),
    };
  });
}

/** The comment that ends right before a place. */
function commentBefore(text: string, place: RegExp): string {
  const lines = text.slice(0, text.search(place)).trimEnd().split('\n');
  return uncomment(lines.slice(lines.findLastIndex((line) => !line.startsWith('//')) + 1));
}

const uncomment = (lines: readonly string[]): string =>
  lines.map((line) => line.replace(/^\/\/ ?/, '')).join('\n');

const paragraphs = (text: string): string[] =>
  text
    .split(/\n\s*\n/)
    .map(prose)
    .filter(Boolean);

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
