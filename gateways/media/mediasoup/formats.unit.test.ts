import { describe, expect, it } from '@jest/globals';
import { isSameFormat, pipeFormat } from '../plane/pipe-format.ts';
import { heardParameters, roomCodecs } from './formats.ts';

describe('formats', () => {
  it('have fixed payload types on pipes', () => {
    const types = (['PCMU', 'PCMA', 'G722', 'opus'] as const).map((codec) => pipeFormat(codec).payloadType);
    expect(types).toEqual([0, 8, 9, 100]);
    expect(pipeFormat('opus').dtmfPayloadType).toBe(101);
  });

  it('are the same when packets need no change, keys included', () => {
    const pcmu = pipeFormat('PCMU');
    expect(isSameFormat(pcmu, { ...pcmu })).toBe(true);
    expect(isSameFormat(pcmu, pipeFormat('PCMA'))).toBe(false);
    expect(isSameFormat(pcmu, { ...pcmu, dtmfPayloadType: undefined })).toBe(false);
    expect(isSameFormat(pipeFormat('opus'), { ...pipeFormat('opus'), payloadType: 111 })).toBe(false);
  });

  it('make a room for the codec, keys if there are any, and comfort noise', () => {
    const keyless = { ...pipeFormat('PCMA'), dtmfPayloadType: undefined };
    expect(roomCodecs(keyless).map((codec) => codec.preferredPayloadType)).toEqual([8, 13]);
    expect(roomCodecs(pipeFormat('opus'))[0]).toMatchObject({
      mimeType: 'audio/opus',
      clockRate: 48_000,
      channels: 2,
      preferredPayloadType: 100,
    });
  });

  it('know a stream by its SSRC or by its name', () => {
    expect(heardParameters(pipeFormat('PCMU'), { ssrc: 7 })).toMatchObject({ encodings: [{ ssrc: 7 }] });
    const named = heardParameters(pipeFormat('PCMU'), { name: '3' });
    expect(named).toMatchObject({ mid: '3', encodings: [{}] });
    expect(named.headerExtensions).toHaveLength(1);
  });
});
