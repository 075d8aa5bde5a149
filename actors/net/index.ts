export { type AddressPolicy, type AllowedNetworks, createAddressPolicy } from './address-policy.ts';
export { authorize, isStale, type Login } from './http-authentication.ts';
export { splitCredentials, withoutCredentials } from './url-credentials.ts';
