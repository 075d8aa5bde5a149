export { evenly, type Rate, TokenBucket } from './token-bucket.ts';
