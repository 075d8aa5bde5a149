export { firstDescription, nextDescription, type OurMedia } from './leg-resources.ts';
export { createMediaReach } from './media-reach.ts';
export { createMediaSources } from './media-sources.ts';
export { SipGateway } from './sip-gateway.ts';
export { TakenLegs } from './taken-legs.ts';
