import { Type } from '@sinclair/typebox';
import { TandemError } from '@tandem/actors/errors';
import type { Policy } from '@tandem/actors/routing/policy';
import { MainConfig } from './main-config.ts';
import { type NamedByPolicies, policyConflicts } from './routing-checks.ts';
import { ConfigSource } from './source.ts';
import { formatKeyPath, validate } from './validate.ts';

const schema = Type.Object({ policies: MainConfig.properties.policies }, { additionalProperties: false });

/**
 * Checks a list of policies that comes from outside, plain data, as if it stood in the configuration of a main region.
 *
 * @throws routing.bad-policies with every problem there is
 */
export function checkPolicyList(list: unknown, config: NamedByPolicies): Policy[] {
  const data = { policies: list };
  // Nobody outside is to see the environment: what is taken is the data, in which nothing is put in.
  const source = new ConfigSource('policies', JSON.stringify(data), {});
  const shape = validate(schema, { data, variables: new Map() }, source);
  const problems =
    shape.length > 0
      ? shape
      : policyConflicts({ ...config, policies: list as Parameters<typeof policyConflicts>[0]['policies'] });
  if (problems.length > 0)
    throw new TandemError('routing.bad-policies', {
      problems: problems.map(({ path, says }) => `  ${formatKeyPath(path)} ${says}`).join('\n'),
    });
  return list as Policy[];
}
