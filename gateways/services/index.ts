export { ServiceTable } from './service-table.ts';
export { ServingMediaPlane } from './serving-media-plane.ts';
export { speechService } from './speech-service.ts';
