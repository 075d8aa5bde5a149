export { endInStore } from './end-in-store.ts';
export { beginsAtGateway, keptByGateway } from './run-by-gateway.ts';
export { ShippedEvents, type Storing } from './shipped-events.ts';
export { ShippedFaults } from './shipped-faults.ts';
