import { TandemError } from '@tandem/actors/errors';
import { loadConfig, type RegionConfig } from './load.ts';

/**
 * The configuration of a region's first gateway, which is the region, too.
 *
 * @throws config.unreadable, config.invalid
 */
export function loadRegionConfig(file: string, env?: NodeJS.ProcessEnv): RegionConfig {
  const config = loadConfig('region', file, env);
  if (config.link.border !== undefined)
    throw new TandemError('config.invalid', {
      file,
      problems: '  link.border is for a further gateway of a region; start it with tandem gateway.',
    });
  return config;
}

/**
 * The configuration of a further gateway.
 *
 * @throws config.unreadable, config.invalid
 */
export function loadGatewayConfig(file: string, env?: NodeJS.ProcessEnv): RegionConfig {
  const config = loadConfig('region', file, env);
  if (config.link.border === undefined)
    throw new TandemError('config.invalid', {
      file,
      problems:
        '  link.border is missing; write where the border of the region listens, or start the file with tandem region.',
    });
  return config;
}

/**
 * The configuration of a gateway whose media part is a process of its own.
 *
 * @throws config.unreadable, config.invalid
 */
export function loadMediaConfig(file: string, env?: NodeJS.ProcessEnv): RegionConfig {
  const config = loadConfig('region', file, env);
  if (config.media.control === undefined)
    throw new TandemError('config.invalid', {
      file,
      problems:
        '  media.control is missing; write where this part listens, for example "127.0.0.1:7550", and start signalling with the same file.',
    });
  return config;
}
