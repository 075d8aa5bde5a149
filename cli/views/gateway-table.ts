import { type Look, oneLine, type Style } from './terminal.ts';

/** A gateway as the REST API tells of it. */
export interface ListedGateway {
  readonly region: string;
  readonly name: string;
  readonly healthy: boolean;
  readonly linked: boolean;
  readonly draining: boolean;
  readonly legs: number;
  readonly capacity: number;
  readonly addresses: readonly string[];
  /** Media of others that came to its legs; null when it does not say. */
  readonly contested: { readonly legs: number; readonly packets: number } | null;
  readonly trunks: readonly {
    readonly name: string;
    readonly up: boolean;
    readonly heard: { readonly mos: number | null } | null;
    readonly told: { readonly mos: number | null } | null;
  }[];
}

const COLUMNS = ['GATEWAY', 'STATE', 'LEGS', 'CONTESTED', 'TRUNKS', 'ADDRESSES'] as const;

/** A line for each gateway, under a heading. */
export function gatewayTable(gateways: readonly ListedGateway[], { style }: Look): string[] {
  if (gateways.length === 0) return ['No gateway has linked to this router since it started.'];
  const rows = gateways.map((gateway) => [
    `${gateway.region}/${gateway.name}`,
    stateOf(gateway),
    `${gateway.legs}/${gateway.capacity}`,
    gateway.contested ? String(gateway.contested.legs) : '',
    gateway.trunks.map(sayTrunk).join(', '),
    gateway.addresses.join(' '),
  ]);
  const widths = COLUMNS.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === cells.length - 1 ? cell : cell.padEnd(widths[at]!))).join('  ');
  return [
    style.quiet(line(COLUMNS)),
    ...rows.map((row) => oneLine(line(row)).replace(row[1]!, paint(style, row[1]!))),
  ];
}

export const stateOf = ({
  healthy,
  linked,
  draining,
  legs,
  capacity,
}: Pick<ListedGateway, 'healthy' | 'linked' | 'draining' | 'legs' | 'capacity'>): string => {
  if (!healthy) return 'down';
  if (!linked) return 'link lost';
  if (draining) return legs === 0 ? 'drained' : 'draining';
  return legs >= capacity ? 'full' : 'open';
};

const paint = (style: Style, state: string): string => {
  if (state === 'open') return style.good(state);
  return state === 'down' ? style.bad(state) : style.busy(state);
};

function sayTrunk({ name, up, heard, told }: ListedGateway['trunks'][number]): string {
  if (!up) return `${name} down`;
  const scores = [heard?.mos, told?.mos].filter((mos) => typeof mos === 'number');
  return scores.length === 0 ? name : `${name} MOS ${Math.min(...scores).toFixed(1)}`;
}
