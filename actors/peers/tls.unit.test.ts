import { describe, expect, it } from '@jest/globals';
import { checkGateway, gatewaysNamed } from './tls.ts';

describe('the gateways that a certificate names', () => {
  it.each([
    ['none', undefined, []],
    ['none', 'DNS:ie1, IP Address:127.0.0.1', []],
    ['one', 'DNS:localhost, URI:tandem://gateway/ie1/gw2', ['ie1/gw2']],
    ['several', 'URI:tandem://gateway/ie1/gw2, URI:tandem://gateway/ie1/gw3', ['ie1/gw2', 'ie1/gw3']],
    ['none in other URIs', 'URI:https://gateway/ie1/gw2, URI:tandem://gateway/ie1', []],
    // As Node writes a name that holds what separates names.
    ['none within another name', 'DNS:"a, URI:tandem://gateway/ie1/gw2"', []],
    ['none as a host', 'DNS:tandem://gateway/ie1/gw2', []],
  ])('are %s: %s', (_what, subjectaltname, named) => {
    expect(gatewaysNamed(subjectaltname === undefined ? undefined : { subjectaltname })).toEqual(named);
  });

  it('are all that it is good for; one that names none is good for all of its region', () => {
    expect(() => checkGateway([], 'ie1/gw3')).not.toThrow();
    expect(() => checkGateway(['ie1/gw2', 'ie1/gw3'], 'ie1/gw3')).not.toThrow();
    expect(() => checkGateway(['ie1/gw2'], 'ie1/gw3')).toThrow(
      expect.objectContaining({ code: 'link.gateway-identity' }),
    );
  });
});
