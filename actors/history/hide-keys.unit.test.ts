import { expect, it } from '@jest/globals';
import { createSealingKey, sealFor } from '../secrets/sealed-text.ts';
import { HIDDEN, hideKeys, namesToHide } from './hide-keys.ts';

it('keys of encrypted media are shown to nobody, however deep', () => {
  const end = (srtpKey: string) => ({
    address: '192.0.2.1',
    port: 1,
    srtpSuite: 'AEAD_AES_256_GCM',
    srtpKey,
  });
  const data = { end: end('abc'), list: [{ peer: end('def') }], nothing: null, count: 1 };
  expect(hideKeys(data)).toEqual({ ...data, end: end(HIDDEN), list: [{ peer: end(HIDDEN) }] });
  expect(data.end.srtpKey).toBe('abc');
});

it('what is sealed is shown to nobody', () => {
  const data = { digit: sealFor([createSealingKey().publicKey], '4', ''), sealedDigits: ['sealed:1:a', '#'] };
  expect(hideKeys(data)).toEqual({ digit: HIDDEN, sealedDigits: [HIDDEN, '#'] });
});

it('who withholds their name is shown to nobody', () => {
  const data = { from: 'anonymous', withheld: '+15550199' };
  expect(hideKeys(data)).toEqual({ ...data, withheld: HIDDEN });
});

it('what nobody said is not shown as hidden', () => {
  expect(hideKeys({ facts: { withheld: undefined } })).toEqual({ facts: {} });
});

it('the dialog of an anonymous caller does not show them, and that of others does', () => {
  const dialog = { callId: 'a', remoteUri: 'sip:+15550199@x', remoteTarget: 'sip:+15550199@x' };
  const shownOf = (direction: string, from: string) =>
    hideKeys({ dialog }, namesToHide({ direction, from })).dialog;
  expect(shownOf('inbound', 'anonymous')).toEqual({ callId: 'a', remoteUri: HIDDEN, remoteTarget: HIDDEN });
  expect(shownOf('inbound', '+15550199')).toEqual(dialog);
  expect(shownOf('outbound', 'anonymous')).toEqual(dialog);
});
