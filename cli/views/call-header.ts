import { stripVTControlCharacters } from 'node:util';
import { legStream } from '@tandem/actors/names';
import type { CallRow, ListedCall } from '@tandem/projections/calls';
import { formatDate, formatDuration, type Look, oneLine, type Style } from './terminal.ts';

/** The colour of a status: good, bad, or still going on. */
export function paintStatus(style: Style, status: CallRow['status'], text: string = status): string {
  if (status === 'completed') return style.good(text);
  return status === 'in-progress' || status === 'ringing' || status === 'queued'
    ? style.busy(text)
    : style.bad(text);
}

/** How long a call lasted since its answer; nothing while it is not answered. */
export const lasted = ({ duration, answeredAt }: CallRow): string =>
  duration === null || answeredAt === null ? '' : formatDuration(duration);

/** Why a call ended; nothing while it lasts. */
export const whyEnded = ({ endReason, endStatus, endDetail }: CallRow): string =>
  endReason === null ? '' : [endStatus, endReason, endDetail && `(${endDetail})`].filter(Boolean).join(' ');

/** The first lines about a call: who, when, how it went, and its legs. */
export function callHeader({ call, legs }: ListedCall, { style, width }: Look): string[] {
  const name = call.callerName ? ` “${call.callerName}”` : '';
  const facts = [
    `${formatDate(call.startedAt)} UTC`,
    call.answeredAt === null
      ? 'not answered'
      : `answered after ${formatDuration(Math.max(0, call.answeredAt - call.startedAt))}`,
    call.duration !== null && call.answeredAt !== null && `lasted ${formatDuration(call.duration)}`,
    call.endReason === null ? 'not over' : `ended: ${whyEnded(call)}`,
  ];
  const line = (label: string, { region, gateway, trunk, legId }: CallRow, rest: string) => {
    const start = `  ${label.padEnd(9)} ${rest}`;
    const place = oneLine([region, gateway, trunk].filter(Boolean).join(' / '));
    const leg = legStream(legId);
    const fits = stripVTControlCharacters(start).length + place.length + leg.length + 4 <= width;
    return `${start}  ${style.quiet(fits ? `${place}  ${leg}` : place)}`;
  };
  return [
    `${style.strong(call.sid)}  ${paintStatus(style, call.status)}`,
    `  ${oneLine(facts.filter(Boolean).join(', '))}`,
    line('caller', call, oneLine(`${call.from}${name} → ${call.to}`)),
    ...legs.map((leg, index) =>
      line(
        legs.length === 1 ? 'callee' : `callee ${index + 1}`,
        leg,
        `${oneLine(leg.to)}  ${paintStatus(style, leg.status)} ${whyEnded(leg) === leg.status ? '' : oneLine(whyEnded(leg))}`.trimEnd(),
      ),
    ),
  ];
}
