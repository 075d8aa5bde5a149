import { expect, it } from '@jest/globals';
import { CALLER, call, received } from './testing/call-events.ts';

it('a call speaks to a leg where another gateway has taken it', () => {
  const moved = call(received).when('CallLegMoved', { legId: CALLER, region: 'ie1', gateway: 'gw2' });
  expect(moved.context.legs[CALLER]).toMatchObject({ region: 'ie1', gateway: 'gw2' });
  expect(moved.when('CallHangupRequested', { reason: 'completed' }).effects).toMatchObject([
    { type: 'command', region: 'ie1', gateway: 'gw2', legId: CALLER, message: { type: 'HangupRequested' } },
  ]);
  // One that it does not have is none of its own.
  expect(call(received).when('CallLegMoved', { legId: 'LEx', region: 'ie1', gateway: 'gw2' }).taken).toBe(
    false,
  );
});
