/** One gateway of a region: what a link's session, its journal and its commands belong to. */
export interface GatewayName {
  readonly region: string;
  readonly gateway: string;
}

/** `ie1/gw1`: the gateway as people read it, and as it is looked up by. */
export const sayGateway = ({ region, gateway }: GatewayName): string => `${region}/${gateway}`;

/** The stream of a gateway's own actor. */
export const gatewayStream = ({ region, gateway }: GatewayName): string => `gateway-${region}-${gateway}`;

/** Whether a text may be a gateway's name; it becomes a part of stream names, in which a hyphen separates. */
export const isGatewayName = (text: string): boolean => /^[a-z][a-z0-9]{0,31}$/.test(text);
