export { formatGateway, type GatewayId, gatewayStream, isGatewayId } from './gateway-id.ts';
