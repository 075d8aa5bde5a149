import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { gatewayTable, type ListedGateway } from './gateway-table.ts';
import { lookOf } from './terminal.ts';

const look = lookOf({ isTTY: false } as never);
const gateway = (name: string, changes: Partial<ListedGateway> = {}): ListedGateway => ({
  region: 'ie1',
  name,
  healthy: true,
  linked: true,
  draining: false,
  legs: 3,
  capacity: 10,
  addresses: ['sip:192.0.2.1:5060;transport=udp'],
  trunks: [],
  contested: null,
  ...changes,
});

describe('the list of gateways', () => {
  it('says of each what state it is in, and how its trunks do', () => {
    const trunks = [
      { name: 'carrier', up: true, heard: { mos: 4.31 }, told: { mos: 3.94 } },
      { name: 'second', up: false, heard: null, told: null },
    ];
    const lines = gatewayTable(
      [gateway('gw1', { trunks, contested: { legs: 2, packets: 500 } }), gateway('gw2', { legs: 10 })],
      look,
    );
    expect(lines.map((line) => stripVTControlCharacters(line))).toEqual([
      'GATEWAY  STATE  LEGS   CONTESTED  TRUNKS                        ADDRESSES',
      'ie1/gw1  open   3/10   2          carrier MOS 3.9, second down  sip:192.0.2.1:5060;transport=udp',
      'ie1/gw2  full   10/10                                           sip:192.0.2.1:5060;transport=udp',
    ]);
  });

  it.each([
    ['draining', { draining: true }],
    ['drained', { draining: true, legs: 0 }],
    ['link lost', { linked: false }],
    ['down', { healthy: false, linked: false, draining: true }],
  ])('says %s', (state, changes) => {
    expect(gatewayTable([gateway('gw1', changes)], look)[1]).toContain(state);
  });

  it('says so when there is none', () => {
    expect(gatewayTable([], look)).toEqual(['No gateway has linked to this router since it started.']);
  });
});
