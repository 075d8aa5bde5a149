import { EventEmitter } from 'node:events';
import { TandemError } from '@tandem/actors/errors';
import { ActorSystem } from '@tandem/actors/runtime';
import type { EventStore } from '@tandem/actors/stores/event-store';
import type { AllocateRequest, MediaEvents, MediaPlane, RemoteMedia } from '../../media/plane/media-plane.ts';
import type { UserAgent } from '../../sip/dialog/session.ts';
import type { MemoryNetwork } from '../../sip/testing/memory-network.ts';
import { createUserAgent } from '../../sip/user-agent.ts';
import { SipGateway } from '../sip-gateway.ts';

/** Media sessions with what they were told; the ports that are free are the test's. */
export class Sessions extends EventEmitter<MediaEvents> {
  /** What was done, as `allocate LE1`. */
  readonly done: string[] = [];
  readonly remotes: RemoteMedia[] = [];
  readonly #address: string;
  readonly #port: number | 'none';

  constructor(address: string, port: number | 'none') {
    super();
    this.#address = address;
    this.#port = port;
  }

  async allocate({ id, port }: AllocateRequest) {
    this.done.push(`allocate ${port}`);
    const found = this.#port;
    if (found === 'none')
      throw new TandemError('media.no-ports', { first: 1, last: 2, address: this.#address });
    return { id, address: this.#address, port: found };
  }
  async connect(_id: string, remote: RemoteMedia) {
    this.done.push('connect');
    this.remotes.push(remote);
  }
  async release() {
    this.done.push('release');
  }
  play(_id: string, { playId }: { playId: string }) {
    this.done.push(`play ${playId}`);
  }
  bridge(_id: string, other: string) {
    this.done.push(`bridge ${other}`);
  }
  stop() {}
  sendDigits() {}
  unbridge() {}
  setSilenceLimit() {}
}

export interface GatewayProcessOptions {
  readonly gateway?: string;
  readonly address: string;
  /** Where calls out of it go. */
  readonly carrier: string;
  /** Its journal. */
  readonly store: EventStore;
  readonly network: MemoryNetwork;
  /** The port that its media gets, whichever is asked for. */
  readonly port: number | 'none';
  readonly onError: (error: unknown) => void;
}

/** A gateway's process, from its start to when it is killed. */
export class GatewayProcess {
  readonly media: Sessions;
  readonly system: ActorSystem;
  readonly userAgent: UserAgent;
  readonly gateway: SipGateway;

  constructor({ gateway = 'gw1', address, carrier, store, network, port, onError }: GatewayProcessOptions) {
    this.media = new Sessions(address, port);
    this.system = new ActorSystem({
      store,
      node: `ie1/${gateway}`,
      region: 'ie1',
      onError,
      checkpoints: { load: async () => undefined, save: async () => {} },
    });
    this.userAgent = createUserAgent({ transport: network.open(address), waits: true });
    this.gateway = new SipGateway({
      region: 'ie1',
      gateway,
      capacity: 10,
      silenceLimit: 0,
      system: this.system,
      userAgent: this.userAgent,
      media: this.media as unknown as MediaPlane,
      trunks: [{ name: 'carrier', address: `${carrier}:5060`, transport: 'udp', prefixes: ['+'] }],
      routerAwayFor: () => 0,
      onError,
    });
  }

  /** Has what was live go on, and takes calls. */
  async start(): Promise<this> {
    await this.system.recover();
    this.gateway.open();
    return this;
  }

  /** Nothing more is said by it. */
  async kill(): Promise<void> {
    await this.userAgent.close();
    await this.system.close();
  }
}
