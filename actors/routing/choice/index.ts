export { chooseAdopter } from './choose-adopter.ts';
export { chooseGateway } from './choose-gateway.ts';
export { choosePath, MOST_LEGS, MOST_NEEDS, rulesForPath } from './choose-path.ts';
export { chooseRouter } from './choose-router.ts';
export { ratePath } from './rate-path.ts';
export { shouldMove } from './should-move.ts';
export { whyProhibited } from './why-prohibited.ts';
