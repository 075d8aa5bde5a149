export { formatGateway, type GatewayId, gatewayStream, isGatewayId } from './gateway-id.ts';
export {
  callStream,
  idOf,
  isCallStream,
  isLegStream,
  isPipeStream,
  legStream,
  pipeStream,
  regionStream,
  streamOf,
} from './streams.ts';
