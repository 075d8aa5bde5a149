export {
  ApplicationSession,
  createFetcher,
  type Fetcher,
  fetchApplication,
  forHistory,
  Logins,
  verify,
  withLogin,
} from './fetch/index.ts';
export { dialDocument, parseStaticDocument } from './twiml/index.ts';
