export { createNameResolver, NameError, type ResolveHost } from './name-resolver.ts';
