export { type GatewayName, gatewayStream, isGatewayName, sayGateway } from './gateway-name.ts';
