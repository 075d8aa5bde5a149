import { describe, expect, it } from '@jest/globals';
import { Pacer } from './pacer.ts';
import { Player } from './player.ts';

const frames = (player: Player, count: number): (number[] | string)[] =>
  Array.from({ length: count }, () => {
    const frame = new Int16Array(4).fill(-1);
    const next = player.next(frame);
    return next === 'audio' ? [...frame] : next;
  });

const samples = (...values: number[]) => ({ samples: Int16Array.from(values), endless: false });

describe('a player', () => {
  it('cuts pieces into frames across their borders and fills the last with silence', () => {
    const player = new Player('p');
    player.add(samples(1, 2, 3, 4, 5));
    player.add({ silence: 0.25 });
    player.add(samples(6));
    player.complete();
    expect(frames(player, 3)).toEqual([[1, 2, 3, 4], [5, 0, 0, 6], 'ended']);
  });

  it('plays an endless piece on and on', () => {
    const endless = new Player('p');
    endless.add({ samples: Int16Array.of(7, 8), endless: true });
    endless.add(samples(1));
    endless.complete();
    expect(frames(endless, 50)).toEqual(new Array(50).fill([7, 8, 7, 8]));
  });

  it('waits for the next piece, tells of each that was heard, and keeps none', () => {
    let heard = 0;
    const player = new Player('p', 8000, () => {
      heard += 1;
    });
    expect(frames(player, 1)).toEqual(['waiting']);
    player.add(samples(1, 2, 3, 4));
    expect(frames(player, 2)).toEqual([[1, 2, 3, 4], 'waiting']);
    expect(heard).toBe(1);
    player.add(samples(5, 6, 7, 8));
    player.complete();
    expect(frames(player, 3)).toEqual([[5, 6, 7, 8], 'ended', 'ended']);
    expect(heard).toBe(2);
  });

  it('ends at once when there is nothing to play', () => {
    const player = new Player('p');
    player.add({ samples: new Int16Array(0), endless: true });
    player.complete();
    expect(frames(player, 1)).toEqual(['ended']);
  });
});

describe('pacing', () => {
  it('keeps to deadlines that do not drift, however late it is looked at', () => {
    const pacer = new Pacer(20, 100);
    const looks = [99, 100, 103, 125, 139, 140, 179, 180];
    expect(looks.map((now) => pacer.due(now).packets)).toEqual([0, 1, 0, 1, 0, 1, 1, 1]);
  });

  it('catches up after a stall with three packets at most', () => {
    const pacer = new Pacer(20, 0);
    pacer.due(0);
    expect(pacer.due(45)).toEqual({ packets: 2, skipped: 0 });
    expect(pacer.due(1000)).toEqual({ packets: 3, skipped: 45 });
    expect(pacer.due(1019)).toEqual({ packets: 0, skipped: 0 });
    expect(pacer.due(1020)).toEqual({ packets: 1, skipped: 0 });
  });
});
