export { Authorizer, type AuthorizerHost } from './authorizer.ts';
export { BoundCredentials } from './bound-credentials.ts';
export { type Credentials, DIGEST_ALGORITHMS, type DigestAlgorithm } from './digest.ts';
export { DigestVerifier } from './digest-verifier.ts';
