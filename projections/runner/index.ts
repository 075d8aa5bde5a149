export type { Projection } from './projection.ts';
export { startProjector } from './projector.ts';
export {
  openReadModelDatabase,
  type ReadModelDatabase,
  type ReadModelSchema,
} from './read-model-database.ts';
