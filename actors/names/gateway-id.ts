/** One gateway of a region: what a link's session, its journal and its commands belong to. */
export interface GatewayId {
  readonly region: string;
  readonly gateway: string;
}

/** `ie1/gw1`: the gateway as people read it, and as it is looked up by. */
export const formatGateway = ({ region, gateway }: GatewayId): string => `${region}/${gateway}`;

/** The stream of a gateway's own actor. */
export const gatewayStream = ({ region, gateway }: GatewayId): string => `gateway-${region}-${gateway}`;

/** Whether a text may be a gateway's name; it becomes a part of stream names, in which a hyphen separates. */
export const isGatewayId = (text: string): boolean => /^[a-z][a-z0-9]{0,31}$/.test(text);
