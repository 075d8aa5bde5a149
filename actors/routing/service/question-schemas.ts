import { Type } from '@sinclair/typebox';
import { MOST_LEGS, MOST_NEEDS } from '../choice/index.ts';

/** The form of the questions as they come from outside, with bounds on everything that can grow. */

const word = (description: string) => Type.String({ minLength: 1, maxLength: 64, description });
const oneOf = <const W extends readonly string[]>(words: W, description: string) =>
  Type.Union(
    words.map((one) => Type.Literal(one as W[number])),
    { description },
  );
const endpoint = (description: string) =>
  Type.String({
    minLength: 1,
    maxLength: 256,
    description: `${description}: a number, a SIP URI, or client: and an identity.`,
  });
const endpointType = (description: string) =>
  Type.Optional(oneOf(['pstn', 'sip', 'browser', 'mobile'], description));
const mediaTypes = Type.Array(oneOf(['audio', 'video', 'screen', 'text'], 'A kind of media.'), {
  maxItems: 4,
});
const codecs = (description: string) => Type.Array(word('A codec.'), { maxItems: 32, description });

const place = { region: word('A region.'), gateway: word('A gateway of it.') };

const subject = {
  callSid: word('The call: the same sid gets the same answer.'),
  accountSid: Type.Optional(word('The account or subaccount of the call.')),
  parentAccountSid: Type.Optional(word('The account that it is a subaccount of.')),
  from: endpoint('Who calls'),
  to: endpoint('Who is called'),
  fromType: endpointType('What the caller is.'),
  toType: endpointType('What the called is.'),
  direction: oneOf(['inbound', 'outbound'], 'Seen from the platform.'),
  directions: Type.Optional(
    Type.Array(oneOf(['inbound', 'outbound'], 'A direction.'), {
      minItems: 1,
      maxItems: 2,
      description: 'Of every leg that the question is about, where they differ.',
    }),
  ),
  mediaTypes: Type.Optional(mediaTypes),
  time: Type.Number({ minimum: 0, maximum: 8.64e15, description: 'Milliseconds since the Unix epoch.' }),
};

const need = Type.Object(
  {
    service: word('A media service.'),
    kind: oneOf(
      ['intermediary', 'side', 'endpoint'],
      'Media passes it, a copy goes to it, or it is the other end.',
    ),
    legId: Type.Optional(word('Whose; every leg’s when absent.')),
    shared: Type.Optional(Type.Boolean({ description: 'One place for all legs.' })),
  },
  { additionalProperties: false },
);
const needs = Type.Array(need, { maxItems: MOST_NEEDS });

export const RouterQuestion = Type.Object(
  { ...subject, region: word('The region whose gateway was invited.') },
  { additionalProperties: false },
);

export const GatewayQuestion = Type.Object(
  {
    ...subject,
    near: Type.Optional(
      Type.Object(
        {
          ...place,
          legId: Type.Optional(word('Its id.')),
          codecs: Type.Optional(codecs('Those of the leg.')),
        },
        { additionalProperties: false, description: 'The leg that it is to be joined with.' },
      ),
    ),
    candidates: Type.Optional(
      Type.Array(Type.Object(place, { additionalProperties: false }), {
        minItems: 1,
        maxItems: 64,
        description: 'Only these gateways.',
      }),
    ),
    codecs: Type.Optional(codecs('What the endpoint is known to take.')),
    needs: Type.Optional(needs),
  },
  { additionalProperties: false },
);

export const PathQuestion = Type.Object(
  {
    ...subject,
    legs: Type.Array(
      Type.Object(
        {
          legId: word('Its id.'),
          ...place,
          endpoint: Type.Optional(endpoint('Its endpoint')),
          endpointType: endpointType('What its endpoint is.'),
          mediaTypes,
          codecs: codecs('What its endpoint takes, the best first.'),
          peerToPeer: Type.Optional(
            word('The network of the endpoint: legs with the same one reach each other without us.'),
          ),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: MOST_LEGS },
    ),
    needs,
  },
  { additionalProperties: false },
);
