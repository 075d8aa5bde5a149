import type { CallHistory, HistoryStep } from '@tandem/actors/history';
import { describeEffect, describeEvent, type Names, stateChange } from '@tandem/actors/history';
import { formatClock, type Look, oneLine, wrap } from './terminal.ts';

const TYPE_WIDTH = 19;
const ACTOR_WIDTH = 8;
/** Columns before the last one: the time since the start, actor and event, and two spaces after each. */
const BEFORE = 11 + 2 + ACTOR_WIDTH + 2 + TYPE_WIDTH + 2;
/** Columns of the time of day, which a narrower terminal has no room for. */
const CLOCK_WIDTH = 12 + 2;
const WITH_CLOCK = 100;
/** Lines that one thing of a peer's may take. */
const MOST_LINES = 4;

export const NOT_TAKEN = 'not taken: another version of the machine ran this call';

/** What the legs of a call are called, by leg id. */
export const namesOf = ({ participants }: CallHistory): Names =>
  new Map(participants.map(({ stream, name }) => [stream.replace(/^(?:leg|pipe)-/, ''), name]));

/**
 * The lines of one step: when, who, which event, from which state to which; below it what the event said and
 * what was sent because of it.
 */
export function timelineLines(step: HistoryStep, start: number, history: CallHistory, look: Look): string[] {
  const { style, width } = look;
  const { event, participant, from, to, taken, effects } = step;
  const names = namesOf(history);
  const actor = history.participants.indexOf(participant);
  const clocked = width >= WITH_CLOCK;
  const before = BEFORE + (clocked ? CLOCK_WIDTH : 0);
  const room = width - before;
  const [change, ...more] = wrap(stateChange(from, to), room).map((line) =>
    from === to ? style.quiet(line) : line,
  );
  const first = [
    style.quiet(sayOffset(event.time - start).padStart(11)),
    ...(clocked ? [style.quiet(formatClock(event.time))] : []),
    style.actor(participant.name.padEnd(ACTOR_WIDTH), actor),
    style.strong(event.type.padEnd(TYPE_WIDTH)),
    change,
  ].join('  ');
  const said = describeEvent(event.type, event.data, names);
  const below = [
    ...more,
    ...(said === '' ? [] : indented(said, '', room, style.quiet)),
    ...(taken ? [] : indented(NOT_TAKEN, '', room, style.bad)),
    ...effects.flatMap((effect) => indented(describeEffect(effect, names), '↳ ', room, style.good)),
  ];
  return [first, ...below.map((line) => ' '.repeat(before) + line)];
}

/** A text over as many lines as it takes, up to a limit; a mark stands before the first. */
function indented(text: string, mark: string, room: number, paint: (text: string) => string): string[] {
  const lines = wrap(oneLine(text), room - mark.length);
  const shown = lines.slice(0, MOST_LINES);
  if (lines.length > MOST_LINES) shown.push(`… and ${lines.length - MOST_LINES} lines more`);
  return shown.map((line, index) => paint((index === 0 ? mark : ' '.repeat(mark.length)) + line));
}

/** `+1.204 s`, `-0.003 s`: since the first event. A region’s clock may be behind the main region’s. */
const sayOffset = (milliseconds: number): string =>
  `${milliseconds < 0 ? '-' : '+'}${(Math.abs(milliseconds) / 1000).toFixed(3)} s`;
