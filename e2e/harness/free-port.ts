export { freePort, type PortRange, portRange } from '@tandem/actors/testing/free-port.ts';
