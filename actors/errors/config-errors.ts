import { define } from './define.ts';

export const configErrors = {
  'config.region-ended': define<{ said: string }>(
    500,
    (p) => `The region's process ended before it was linked: ${p.said || 'it said nothing.'}`,
    'Mend what it says, then start again.',
  ),
  'config.demo-directory': define<{ directory: string; detail: string }>(
    500,
    (p) => `The demo cannot use the directory ${p.directory}: ${p.detail}.`,
    'Name a new or empty directory with --data, or leave it out for .tandem/demo.',
  ),
  'config.demo-port': define<{
    port: number;
    transport: string;
    use: string;
    option: string;
    detail: string;
  }>(
    500,
    (p) =>
      `The demo cannot have ${p.transport} port ${p.port} of 127.0.0.1, where ${p.use} (${p.option}): ${p.detail}.`,
    'Stop the program that has it, or name another port with that option.',
  ),
  'config.distance-unknown': define<{ name: string; known: string }>(
    500,
    (p) =>
      `There is no place or region "${p.name}" between which distance is emulated; there are ${p.known}.`,
    'Name one of these.',
  ),
  'config.distance-port': define<{ address: string; ports: string; detail: string }>(
    500,
    (p) => `The distance between regions cannot be emulated on ${p.address}, port ${p.ports}: ${p.detail}.`,
    'Stop what else uses that address, or give the network another number.',
  ),
  'config.unreadable': define<{ file: string; detail: string }>(
    500,
    (p) => `The configuration file ${p.file} cannot be read: ${p.detail}.`,
    'Name an existing file that this user may read; docs/configuration.md has one of each kind to start from.',
  ),
  'config.file-unreadable': define<{ key: string; file: string; detail: string }>(
    500,
    (p) => `The file ${p.file}, which ${p.key} names, cannot be read: ${p.detail}.`,
    'Name a file that is there and that this user may read; paths start from the working directory.',
  ),
  'config.media-address': define<{ address: string; detail: string }>(
    500,
    (p) => `Media cannot be received on ${p.address}, which media.bind names: ${p.detail}.`,
    'Write an address that this machine has, as `ip address` lists them; media.advertise is for the one that peers are told.',
  ),
  'config.invalid': define<{ file: string; problems: string }>(
    500,
    (p) => `The configuration in ${p.file} cannot be used:\n${p.problems}\n`,
    'Correct these places and start again; docs/configuration.md lists every key.',
  ),
  'config.kind-unknown': define<{ file: string }>(
    500,
    (p) =>
      `${p.file} configures neither a main region nor a region: it has no key "main" and no key "region".`,
    'Begin it with "main: us1" for a main region or with "region: ie1" for a region.',
  ),
  'config.log-level': define<{ written: string; levels: string }>(
    500,
    (p) => `TANDEM_LOG is "${p.written}", which is no level; the levels are ${p.levels}.`,
    'Set it to one of them, or unset it for info.',
  ),
  'config.no-operator': define<{ file: string }>(
    400,
    (p) => `No account in ${p.file} is an operator’s.`,
    'Write `operator: true` at the account that may see and change the network.',
  ),
};
