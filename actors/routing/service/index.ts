export { GatewayQuestion, PathQuestion, RouterQuestion } from './question-schemas.ts';
export { createRoutingServer } from './routing-server.ts';
export { createRoutingService, type Reply, type RoutingService } from './routing-service.ts';
