import { createFetcher } from '@tandem/actors/documents/fetcher.ts';
import { withoutCredentials } from '@tandem/actors/documents/url-credentials.ts';
import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import type { LinkTls } from '@tandem/actors/link/tls.ts';
import { createRenderer, type Renderer } from '@tandem/gateways/audio/render.ts';
import { type ProxiedSpeechOptions, proxiedSpeech } from '@tandem/gateways/border/proxied-speech.ts';
import type { RegionConfig } from './config/region-config.ts';
import type { Log } from './log.ts';

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
