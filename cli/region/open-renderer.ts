import { createFetcher } from '@tandem/actors/documents/fetch';
import { TandemError } from '@tandem/actors/errors';
import { withoutCredentials } from '@tandem/actors/net';
import type { LinkTls } from '@tandem/actors/peers';
import { createRenderer, type Renderer } from '@tandem/gateways/audio/render';
import { type ProxiedSpeechOptions, proxiedSpeech } from '@tandem/gateways/border';
import type { RegionConfig } from '../config/index.ts';
import type { Log } from '../log/index.ts';

/** Files that applications have played, at most; a long announcement is a megabyte a minute. */
const LARGEST_DOWNLOAD = 10 * 1024 * 1024;

/** Opens what makes sound of what is to be played: speech, files that are fetched, tones. */
export function openRenderer(
  config: Pick<RegionConfig, 'region' | 'services' | 'downloads' | 'media'>,
  border: Pick<ProxiedSpeechOptions, 'via' | 'speak'> & { readonly tls: LinkTls },
  log: Log,
): Renderer {
  const fetcher = createFetcher({ ...config.downloads, maxBytes: LARGEST_DOWNLOAD });
  const home = config.services?.speech?.proxyOf;
  const renderer = createRenderer({
    threads: config.media.audioThreads,
    speech: home === undefined ? undefined : proxiedSpeech({ home, region: config.region, ...border }),
    download: async (url, { account, signal }) => {
      const answer = await fetcher.fetch({ url, method: 'GET', headers: () => ({}), account, signal });
      if (answer.status !== 200)
        throw new TandemError('media.file-refused', { url: withoutCredentials(url), status: answer.status });
      return answer;
    },
    onNote: (note) => log.info({ note }, 'a play was rendered otherwise than asked'),
  });
  return {
    ...renderer,
    async close() {
      await renderer.close();
      await fetcher.close();
    },
  };
}
