import { expect, it } from '@jest/globals';
import { type CallHistory, replayCall } from '@tandem/actors/history';
import { offeredData } from '@tandem/actors/machines/leg/testing/leg-events.ts';
import { eventResource, stateResource } from './history-resource.ts';

const NUMBER = '+15550199';

const shown = (from: string): string => {
  const stream = 'leg-LE1';
  const history: CallHistory = {
    callSid: 'CA1',
    participants: [{ stream, name: 'caller' }],
    events: [
      {
        id: 'one',
        stream,
        revision: 0,
        position: '' as never,
        version: 1,
        time: 1,
        region: 'ie1',
        type: 'LegOffered',
        cause: '',
        correlation: 'CA1',
        data: { ...offeredData, from },
      },
    ],
  };
  const [step] = [...replayCall(history)];
  return JSON.stringify([eventResource(step!), stateResource(step!)]);
};

it('a history does not show who an anonymous caller is', () => {
  expect(shown(NUMBER)).toContain(NUMBER);
  expect(shown('anonymous')).not.toContain(NUMBER);
});
