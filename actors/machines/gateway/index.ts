export { type GatewayEffect, gatewayKind } from './gateway-machine.ts';
