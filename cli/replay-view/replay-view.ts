import type { CallHistory, HistoryStep } from '@tandem/actors/history';
import { describeEffect } from '@tandem/actors/history';
import { changedLines, clip, contextLines, type Look, NOT_TAKEN, namesOf, oneLine } from '../views/index.ts';

const heading = ({ index, participant, event }: HistoryStep, history: CallHistory, { style }: Look): string =>
  [
    style.quiet(`#${index}`.padEnd(5)),
    style.actor(participant.name.padEnd(8), history.participants.indexOf(participant)),
    style.strong(event.type.padEnd(19)),
    style.quiet(new Date(event.time).toISOString()),
  ].join('  ');

/** The lines of one step: the event, the state after it, and what changed in that state. */
export function replayLines(step: HistoryStep, history: CallHistory, look: Look): string[] {
  const names = namesOf(history);
  const { style, width } = look;
  const sent = step.effects.map((effect) =>
    style.good(`       ↳ ${clip(oneLine(describeEffect(effect, names)), width - 9)}`),
  );
  return [
    heading(step, history, look),
    `       ${step.from === step.to ? style.quiet(step.to) : `${style.quiet(`${step.from} →`)} ${step.to}`}`,
    ...changedLines(step.before, step.after, names, look),
    ...sent,
    ...(step.taken ? [] : [style.bad(`       ${NOT_TAKEN}`)]),
    '',
  ];
}

/** The lines of a moment: every actor with its whole state as it was then. */
export function momentLines(steps: readonly HistoryStep[], history: CallHistory, look: Look): string[] {
  return steps.flatMap((step) => [
    `${look.style.actor(step.participant.name, history.participants.indexOf(step.participant))}  ${look.style.strong(step.to)}  ${look.style.quiet(`since #${step.index} ${step.event.type}, ${step.participant.stream}`)}`,
    ...contextLines(step.after, namesOf(history), look),
    '',
  ]);
}
