import type { RoutingDecision, RoutingScore } from '@tandem/proto/generated/events.ts';
import type { GatewayId } from '../../names/index.ts';

/** What the routing policy is asked, and what it answers. All of it is plain JSON data. */

export type EndpointType = 'pstn' | 'sip' | 'browser' | 'mobile';
export type MediaType = 'audio' | 'video' | 'screen' | 'text';
export type Direction = 'inbound' | 'outbound';

/** Whose call it is and when: what policies look at besides regions. */
export type Subject = {
  callSid: string;
  /** The account or subaccount that the call belongs to; absent when nobody owns it. */
  accountSid?: string;
  /** The account that `accountSid` is a subaccount of. */
  parentAccountSid?: string;
  /** Who calls: a number, a SIP URI, or `client:` and an identity. */
  from: string;
  /** Who is called, in the same forms. */
  to: string;
  fromType?: EndpointType;
  toType?: EndpointType;
  /** Inbound: an endpoint outside called the platform. Outbound: the platform calls. */
  direction: Direction;
  /** Of every leg that the question is about, where they differ; absent, `direction` alone. */
  directions?: Direction[];
  mediaTypes?: MediaType[];
  /** Now, milliseconds since the Unix epoch. */
  time: number;
};

/** Which call router takes this call? */
export type RouterRequest = Subject & {
  /** The region whose gateway was invited. */
  region: string;
};
export type RouterChoice = { region: string; router: string };

/** Which gateway places this leg? */
export type GatewayRequest = Subject & {
  /** The leg that it is to be joined with, when there is one. */
  near?: GatewayId & { legId?: string; codecs?: string[] };
  /** Only these: where a client's instances are registered, say. A client has no other way to be reached. */
  candidates?: GatewayId[];
  /** What the endpoint is known to take; absent, what the gateway offers. */
  codecs?: string[];
  /** The services that the joined legs will need. */
  needs?: Need[];
};
export type GatewayChoice = GatewayId & {
  /** The trunks to try, in this order; none towards SIP URIs and clients. */
  trunks: string[];
};

/** Which gateway takes a leg whose own is gone? */
export type AdopterRequest = Subject & {
  leg: GatewayId & { legId: string };
  /** The trunk that its dialog uses; absent towards a SIP URI. */
  trunk?: string;
  /** Gateways that are not asked: they are gone, or would not take it. */
  tried: readonly GatewayId[];
  /** Where other legs of the call are. */
  near: readonly GatewayId[];
};

export type NeedKind = 'intermediary' | 'side' | 'endpoint';

/** A media service that the legs need. */
export type Need = {
  /** Its name, as in the network's services. */
  service: string;
  /** Media passes through it, a copy is pushed to it, or it is the other end. */
  kind: NeedKind;
  /** The leg that needs it; absent, all of them. */
  legId?: string;
  /** True: one place for all legs that need it, as a conference is mixed in one place. False when absent. */
  shared?: boolean;
};

export type PathLeg = GatewayId & {
  legId: string;
  /** A number, a SIP URI, or `client:` and an identity. */
  endpoint?: string;
  endpointType?: EndpointType;
  mediaTypes: MediaType[];
  /** The audio codecs that the endpoint takes, the best first; only the one in use once that is agreed. */
  codecs: string[];
  /** Legs with the same value can send each other media without us: the network that they share. */
  peerToPeer?: string;
};

/**
 * Which way does the media of these legs take? One leg goes to its services. Two legs are joined. Of more, each is
 * joined with the first, or all with the service that they share.
 */
export type PathRequest = Subject & {
  legs: PathLeg[];
  needs: Need[];
};

export type PathMode = 'local' | 'multi-regional' | 'peer-to-peer';

export type PathService = {
  service: string;
  kind: NeedKind;
  /** The service is a static proxy of the one in this region. */
  proxyOf?: string;
};

export type PathNode = GatewayId & {
  /** The leg whose gateway this is. */
  legId?: string;
  /** The services that media passes or ends at here, in this order. */
  services: PathService[];
  /** The codec of the way to the next node; empty at the last. */
  codec: string;
};

/** A copy of the media that is pushed to a service. */
export type SidePath = {
  service: PathService;
  /** The node of the branch that it is taken from. */
  from: GatewayId;
  /** The node between them, where there is no good direct way. */
  via?: GatewayId;
  to: GatewayId;
};

/** The way of media between two legs, or from one leg to a service. */
export type PathBranch = {
  legIds: string[];
  mode: PathMode;
  /** In order; the first is the first leg's own gateway. Empty when media is peer-to-peer. */
  nodes: PathNode[];
  sides: SidePath[];
  /** Mouth to ear, milliseconds, one direction: an estimate. */
  latency: number;
  /** Mean opinion score, 1 to 4.5: an estimate. */
  quality: number;
};

export type PathChoice = {
  /** Local when all branches stay in one and the same region, peer-to-peer when all of them are. */
  mode: PathMode;
  /** Every region that a packet of the call's media passes, sorted. */
  regions: string[];
  branches: PathBranch[];
};

export type { RoutingDecision, RoutingScore };

/** One that was weighed, and its score or why it could not be taken. */
export type Alternative<Choice> = { choice: Choice; score?: RoutingScore; refused?: string };

/** An answer and what it was chosen from. `recordDecision` makes of it what is kept in the call's events. */
export type RoutingAnswer<Choice> = {
  question: 'router' | 'gateway' | 'path';
  /** Null: there is none; `reasons` say why. */
  chosen: Choice | null;
  score: RoutingScore | null;
  /** Up to eight of those not chosen, the best first. */
  alternatives: Alternative<Choice>[];
  /** Sentences for people. */
  reasons: string[];
  /** The policies that applied, by name, the most specific first. */
  policies: string[];
  /** The measures that it was chosen by, the first decides first. */
  order: string[];
  /** Whether every route that the choice takes is known from live figures. True when it takes none. */
  measured: boolean;
};
