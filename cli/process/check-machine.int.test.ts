import { describe, expect, it } from '@jest/globals';
import { describeFailure } from '../command-line/report-error.ts';
import { checkMediaAddress, readNamedFile } from './check-machine.ts';

describe('what a configuration says of its machine', () => {
  it.each(['127.0.0.1', '0.0.0.0'])('media may be received on %s', (address) => checkMediaAddress(address));

  it('media is not received on an address of another machine', async () => {
    await expect(checkMediaAddress('203.0.113.9')).rejects.toMatchObject({ code: 'config.media-address' });
  });

  it('a file that is not there is named with the key that names it', async () => {
    const failure = await readNamedFile('sip.tls.cert', 'nowhere.crt').catch(describeFailure);
    expect(failure).toMatch(
      /^tandem: The file nowhere.crt, which sip.tls.cert names, cannot be read: there is no such file\./,
    );
  });
});

describe('a failure', () => {
  it('is what failed first, whatever failed after it', async () => {
    const failed = async () => {
      await using opened = new AsyncDisposableStack();
      opened.defer(() => Promise.reject(new Error('second')));
      opened.defer(() => Promise.reject(new Error('third')));
      await readNamedFile('key', 'nowhere');
    };
    expect(await failed().catch(describeFailure)).toMatch(
      /^tandem: The file nowhere.*\[config.file-unreadable\]$/,
    );
  });
});
