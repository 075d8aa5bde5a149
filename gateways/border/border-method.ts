import { Metadata, type MethodDefinition } from '@grpc/grpc-js';
import { asBuffer } from '@tandem/actors/link';
import { tandem } from '@tandem/proto/generated/border.js';

const { BorderMessage } = tandem.border.v1;

export type BorderMessage = tandem.border.v1.BorderMessage.$Shape;

const decode = (bytes: Buffer): BorderMessage => {
  try {
    return BorderMessage.decode(bytes);
  } catch {
    // A message of no kind: the receiver answers it with a reason, which an error here would not.
    return {};
  }
};
const encode = (message: BorderMessage): Buffer => asBuffer(BorderMessage.encode(message).finish());

/** `tandem.border.v1.BorderLink.Connect`. */
export const borderMethod: MethodDefinition<BorderMessage, BorderMessage> = {
  path: '/tandem.border.v1.BorderLink/Connect',
  requestStream: true,
  responseStream: true,
  requestSerialize: encode,
  requestDeserialize: decode,
  responseSerialize: encode,
  responseDeserialize: decode,
};

const MAIN = 'tandem-main';

/** Tells the border which main region a stream is for, by its address as both have it configured. */
export function relayMetadata(address: string | undefined): Metadata {
  const metadata = new Metadata();
  if (address !== undefined) metadata.set(MAIN, address);
  return metadata;
}

/** The address that `relayMetadata` said; `''` for none. */
export const relayTarget = (metadata: Metadata): string => String(metadata.get(MAIN)[0] ?? '');
