import { expect, test } from '@jest/globals';
import { buildRequest, sdpContent } from './build-message.ts';

test('a body keeps no more memory than it has bytes', () => {
  const { body } = buildRequest('INVITE', 'sip:bob@example.com', [], sdpContent('v=0\r\ns=Grüße\r\n'));
  expect(body.toString()).toBe('v=0\r\ns=Grüße\r\n');
  expect(body.buffer.byteLength).toBe(body.length);
});
