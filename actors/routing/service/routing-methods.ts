import type { MethodDefinition } from '@grpc/grpc-js';
import { tandem } from '@tandem/proto/generated/routing.js';
import { asBuffer } from '../../link/index.ts';
import type { Network } from '../network/index.ts';
import type { GatewayChoice, PathChoice, RouterChoice, RoutingDecision } from '../question/index.ts';

const wire = tandem.routing.v1;

/** A question as it came: plain data whose form nobody has checked; empty when it could not be decoded. */
export type Question = Record<string, unknown>;
/** An answer as it goes out. */
export type RoutingReply<Choice> = { chosen?: Choice; decision: RoutingDecision };

interface Codec {
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): Record<string, unknown>;
}

const plain = { defaults: true, arrays: true, objects: false } as const;

/** In a message an empty list is one that nobody wrote; where that makes a difference, it is left out. */
const OMITTED_WHEN_EMPTY = ['candidates', 'codecs', 'directions', 'mediaTypes'];

function questionOf({ subject, ...rest }: Record<string, unknown>): Record<string, unknown> {
  const all: Record<string, unknown> = { ...(subject as object | null), ...rest };
  for (const key of OMITTED_WHEN_EMPTY) if (Array.isArray(all[key]) && all[key].length === 0) delete all[key];
  return all;
}

/** What cannot be decoded becomes a question of nothing: an error thrown here would end the call with a bare status. */
const decodeQuestion =
  (codec: Codec) =>
  (bytes: Buffer): Question => {
    try {
      return questionOf(codec.toObject(codec.decode(bytes), plain));
    } catch {
      return {};
    }
  };

const encodeQuestion = (codec: Codec) => (question: Question) => {
  const {
    callSid,
    accountSid,
    parentAccountSid,
    from,
    to,
    fromType,
    toType,
    direction,
    directions,
    mediaTypes,
    time,
    ...rest
  } = question;
  const subject = {
    callSid,
    accountSid,
    parentAccountSid,
    from,
    to,
    fromType,
    toType,
    direction,
    directions,
    mediaTypes,
    time,
  };
  return asBuffer(codec.encode({ subject, ...rest }).finish());
};

const method = <Choice>(
  name: string,
  question: Codec,
  reply: Codec,
): MethodDefinition<Question, RoutingReply<Choice>> => ({
  path: `/tandem.routing.v1.RoutingPolicy/${name}`,
  requestStream: false,
  responseStream: false,
  requestSerialize: encodeQuestion(question),
  requestDeserialize: decodeQuestion(question),
  responseSerialize: ({ chosen, decision }) => {
    const data = Buffer.from(JSON.stringify(decision));
    return asBuffer(reply.encode({ ...(chosen && { chosen }), decision: data }).finish());
  },
  responseDeserialize: (bytes) => {
    const message = reply.decode(bytes) as { decision: Uint8Array };
    const { chosen } = reply.toObject(message, plain) as { chosen?: Choice };
    return { ...(chosen && { chosen }), decision: JSON.parse(asBuffer(message.decision).toString()) };
  },
});

/** `tandem.routing.v1.RoutingPolicy`. */
export const routingMethods = {
  chooseRouter: method<RouterChoice>('ChooseRouter', wire.RouterRequest, wire.RouterAnswer),
  chooseGateway: method<GatewayChoice>('ChooseGateway', wire.GatewayRequest, wire.GatewayAnswer),
  choosePath: method<PathChoice>('ChoosePath', wire.PathRequest, wire.PathAnswer),
  getNetwork: {
    path: '/tandem.routing.v1.RoutingPolicy/GetNetwork',
    requestStream: false,
    responseStream: false,
    requestSerialize: () => Buffer.alloc(0),
    requestDeserialize: () => ({}),
    responseSerialize: (network) => asBuffer(wire.Network.encode(network).finish()),
    responseDeserialize: (bytes) => wire.Network.toObject(wire.Network.decode(bytes), plain) as Network,
  } satisfies MethodDefinition<Record<never, never>, Network>,
};
