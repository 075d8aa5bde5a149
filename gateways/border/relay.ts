import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  type MethodDefinition,
  type ServerDuplexStream,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { asRecorded, TandemError } from '@tandem/actors/errors';
import { channelOptions, connectMethod, type LinkLog, silentLog } from '@tandem/actors/link';
import { formatGateway, isGatewayId } from '@tandem/actors/names';
import { checkGateway, limits } from '@tandem/actors/peers';
import { relayTarget } from './border-method.ts';

const same = (bytes: Buffer): Buffer => bytes;

/** `RegionLink.Connect` with its messages as the bytes they came as. */
export const rawConnectMethod: MethodDefinition<Buffer, Buffer> = {
  path: connectMethod.path,
  requestStream: true,
  responseStream: true,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
};

export interface RelayOptions {
  readonly region: string;
  /** The gateway in the border's own process, whose links are not relayed. */
  readonly gateway: string;
  readonly mains: readonly { readonly name?: string; readonly address: string }[];
  readonly credentials: ChannelCredentials;
  readonly log?: LinkLog;
}

/** Relays link streams of a region's further gateways to main regions. */
export interface BorderRelay {
  /** Streams that it carries. */
  readonly streams: number;
  /** `certificate` is the client's common name, `gateways` those that its certificate names. */
  accept(near: ServerDuplexStream<Buffer, Buffer>, certificate: string, gateways?: readonly string[]): void;
  /** Ends all streams. */
  close(): void;
}

/**
 * Messages pass as they are and only as fast as the other side takes them, over a connection of each stream's own:
 * a slow gateway holds up no other one. Only the first is looked at: it has to be a hello of this region, and
 * not of the border's own gateway. Ends and breaks pass, too, in both directions.
 */
export function createRelay(options: RelayOptions): BorderRelay {
  const { region, gateway, mains, log = silentLog } = options;
  const carried = new Set<(reason: TandemError) => void>();

  /** The router behind sees our certificate only. @throws link.identity, link.gateway-identity, link.bad-message */
  function checkHello(bytes: Buffer, certificate: string, gateways: readonly string[]): string {
    const { hello } = connectMethod.requestDeserialize(bytes);
    const bad = (detail: string): TandemError =>
      new TandemError('link.bad-message', { peer: `Region ${certificate}`, detail });
    if (!hello) throw bad('the first message has to be hello');
    if (hello.region !== region || certificate !== region)
      throw new TandemError('link.identity', {
        claimed: JSON.stringify((hello.region ?? '').slice(0, limits.name)),
        certificate: JSON.stringify(certificate),
      });
    const name = hello.gateway ?? '';
    if (!isGatewayId(name)) throw bad('the gateway has no name, or one of another form');
    checkGateway(gateways, formatGateway({ region, gateway: name }));
    if (name === gateway) throw bad(`gateway ${name} lives in the border's own process`);
    return name;
  }

  function refuse(near: ServerDuplexStream<Buffer, Buffer>, error: unknown): void {
    const { code, message } = asRecorded(error);
    log.warn({ code, message }, 'border: a gateway’s link was refused');
    near.write(
      connectMethod.responseSerialize({ refusal: { code, message: message.slice(0, limits.explanation) } }),
    );
    near.end();
  }

  /** @throws border.unknown-main */
  function join(near: ServerDuplexStream<Buffer, Buffer>, hello: Buffer, name: string): void {
    const target = relayTarget(near.metadata);
    const main = mains.find(({ address }) => address === target);
    if (!main) throw new TandemError('border.unknown-main', { region, main: target });
    const client = new Client(main.address, options.credentials, {
      ...channelOptions,
      'grpc.use_local_subchannel_pool': 1,
      ...(main.name && { 'grpc.ssl_target_name_override': main.name, 'grpc.default_authority': main.name }),
    });
    const far: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
      rawConnectMethod.path,
      same,
      same,
    );
    log.info({ gateway: name, main: main.name ?? main.address }, 'border: relaying a gateway’s link');
    let over = false;

    /** Ends what is left of either side; without `reason` the near side ends in order. */
    function end(reason?: { code: number; details: string }): void {
      if (over) return;
      over = true;
      carried.delete(stop);
      far.cancel();
      client.close();
      if (reason) near.emit('error', reason);
      else near.end();
      log.info({ gateway: name, main: main!.name ?? main!.address }, 'border: a gateway’s link is over');
    }
    const stop = ({ message }: TandemError): void => end({ code: status.UNAVAILABLE, details: message });
    carried.add(stop);

    pass(near, far);
    pass(far, near);
    far.write(hello);
    near.on('end', () => far.end());
    near.on('cancelled', () => end());
    near.on('error', () => end());
    far.on('end', () => end());
    far.on('error', ({ details, message }: ServiceError) =>
      end({ code: status.UNAVAILABLE, details: details || message }),
    );
  }

  return {
    get streams() {
      return carried.size;
    },
    accept(near, certificate, gateways = []) {
      near.once('data', (bytes: Buffer) => {
        near.pause();
        try {
          join(near, bytes, checkHello(bytes, certificate, gateways));
        } catch (error) {
          refuse(near, error);
        }
      });
      near.on('error', () => {});
    },
    close() {
      for (const stop of [...carried]) stop(new TandemError('link.closed', { name: region }));
    },
  };
}

interface Stream {
  on(event: 'data' | 'drain', listener: (bytes: Buffer) => void): unknown;
  write(bytes: Buffer): unknown;
  pause(): unknown;
  resume(): unknown;
}

/** Hands on what comes, no faster than it is taken. */
function pass(from: Stream, to: Stream): void {
  from.on('data', (bytes: Buffer) => {
    if (!to.write(bytes)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.resume();
}
