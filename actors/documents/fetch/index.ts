export { ApplicationSession } from './application-session.ts';
export { fetchApplication, forHistory } from './fetch-application.ts';
export { createFetcher, type Fetcher } from './fetcher.ts';
export { Logins, withLogin } from './logins.ts';
export { verify } from './request-signature.ts';
