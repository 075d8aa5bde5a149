import type { CallEffect } from '../../machines/execution/index.ts';
import type { LegEffect } from '../../machines/leg/index.ts';
import type { PipeEffect } from '../../machines/pipe/index.ts';
import type { Effect } from '../../runtime/index.ts';
import {
  because,
  describeEvent,
  type Names,
  nameOf,
  place,
  playables,
  url,
  words,
} from './describe-event.ts';

type Known = CallEffect | LegEffect | PipeEffect;
type Describe<T extends Known['type']> = (effect: Extract<Known, { type: T }>, names: Names) => string;

const DESCRIPTIONS: { [T in Known['type']]?: Describe<T> } = {
  command: ({ legId, message: { type, data } }, names) =>
    words(`to ${nameOf(names, legId)}:`, type, describeEvent(type, data, names)),
  fetch: ({ request }) => words('fetch', request.method, url(request.url)),
  placeLeg: ({ to, tried }) =>
    words('place a leg to', to, tried.length > 0 && `not at ${tried.map(place).join(', ')}`),
  findAdopter: ({ legId, from }, names) =>
    words('find a gateway for', nameOf(names, legId), 'in place of', place(from)),
  moveLeg: ({ legId, to }, names) => words('have', nameOf(names, legId), 'taken by', place(to)),
  choosePath: ({ from, to, services, reason }, names) =>
    words(
      'ask for a way from',
      nameOf(names, from),
      'to',
      to ? nameOf(names, to) : services.join(),
      `(${reason})`,
    ),
  failPlay: ({ message }) => words('give up what was to be played:', message),
  open: ({ codec, towards }) => words('open a pipe for', codec, 'towards', towards),
  connect: (effect) =>
    'peer' in effect ? `connect to ${effect.peer.address}:${effect.peer.port}` : 'connect',
  close: ({ end }) => words('close', because(end.reason, end.detail)),
  conclude: ({ reason, detail }) => words('conclude', because(reason, detail)),
  invite: ({ route }) => words('INVITE', route.uri, `over ${route.trunk}`),
  abandon: ({ index }) => words('give route', String(index), 'up unless it was heard of'),
  resume: ({ port, dialog }) => words('resume', dialog.remoteUri, `on port ${port}`),
  refresh: ({ moved }) => words('refresh', moved && 'with other ports'),
  play: ({ items, loop }) => words('play', playables(items, loop)),
  sendDigits: ({ digits }) => words('send digits', digits),
  bridge: ({ peer }, names) => words('bridge with', nameOf(names, peer)),
  finish: ({ how, end }) =>
    words('finish', how !== 'nothing' && `with ${how}:`, because(end.reason, end.detail)),
};

/** What an actor sent or asked for, in a few words. */
export function describeEffect(effect: Effect, names: Names): string {
  const describe = DESCRIPTIONS[effect.type as Known['type']] as Describe<Known['type']> | undefined;
  return describe?.(effect as never, names) ?? effect.type;
}
