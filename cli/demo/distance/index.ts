export { Distance } from './distance.ts';
export { readRoundTrips } from './round-trips.ts';
