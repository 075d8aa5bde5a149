import type { ChannelOptions, MethodDefinition } from '@grpc/grpc-js';
import { tandem } from '@tandem/proto/generated/link.js';
import { limits } from '../peers/index.ts';

const wire = tandem.link.v1;

export type FromRegion = tandem.link.v1.FromRegion.$Shape;
export type FromMain = tandem.link.v1.FromMain.$Shape;
export type JournalEvent = tandem.link.v1.JournalEvent.$Properties;
export type CommandMessage = tandem.link.v1.Command.$Properties;
export type ResultMessage = tandem.link.v1.CommandResult.$Properties;
export type HelloMessage = tandem.link.v1.Hello.$Properties;
export type OwnerMessage = tandem.link.v1.Owner.$Properties;
export type AdoptedCallMessage = tandem.link.v1.AdoptedCall.$Properties;
export type HeldLegMessage = tandem.link.v1.HeldLeg.$Properties;
export type TakenMessage = tandem.link.v1.Taken.$Properties;
export type ReportMessage = tandem.link.v1.Report.$Properties;
export type WelcomeMessage = tandem.link.v1.Welcome.$Properties;

/** The bytes as a Buffer, without a copy. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * What cannot be decoded becomes a message of no kind: an error thrown here would end the stream with a bare
 * status, and the peer would not learn why.
 */
export const lenient =
  <T>(decode: (bytes: Uint8Array) => T, nothing: T) =>
  (bytes: Buffer): T => {
    try {
      return decode(bytes);
    } catch {
      return nothing;
    }
  };

/** `tandem.link.v1.RegionLink.Connect`. */
export const connectMethod: MethodDefinition<FromRegion, FromMain> = {
  path: '/tandem.link.v1.RegionLink/Connect',
  requestStream: true,
  responseStream: true,
  requestSerialize: (message) => asBuffer(wire.FromRegion.encode(message).finish()),
  requestDeserialize: lenient<FromRegion>((bytes) => wire.FromRegion.decode(bytes), {}),
  responseSerialize: (message) => asBuffer(wire.FromMain.encode(message).finish()),
  responseDeserialize: lenient<FromMain>((bytes) => wire.FromMain.decode(bytes), {}),
};

/** Options for the channels of both sides. */
export const channelOptions: ChannelOptions = {
  'grpc.max_receive_message_length': limits.messageBytes,
  'grpc.max_send_message_length': limits.messageBytes,
  // The default of 64 KiB would hold a stream of 100 ms round trip to 650 kB/s.
  'grpc-node.flow_control_window': limits.windowBytes,
  // Transparent retries keep copies of what was sent; the journal is our copy.
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
};
