import path from 'node:path';
import { loadContracts } from '../../tools/openapi/contracts.ts';
import { fieldsOf } from '../../tools/template/fields.ts';
import { EVER_CACHED } from '../support/contract/cached-routes.ts';
import { readStack } from '../support/contract/resources.ts';

const { Api } = readStack('template.yaml').Resources;
const entries = fieldsOf(Api?.Properties, 'Api')
  .list('MethodSettings')
  .map((entry) => fieldsOf(entry, 'an entry'));
const keyOf = (entry: (typeof entries)[number]) =>
  `${entry.string('HttpMethod')} ${entry.string('ResourcePath').replace(/^\//, '').replaceAll('~1', '/')}`;

/** Both limits and metrics, as an entry sets them. */
const settingsOf = (entry: (typeof entries)[number] | undefined) =>
  ['MetricsEnabled', 'ThrottlingRateLimit', 'ThrottlingBurstLimit'].map((name) => entry?.value(name));

describe('the settings of methods', () => {
  const common = entries.find((entry) => keyOf(entry) === '* *');

  // "AWS::ApiGateway::Stage MethodSetting": an entry of a method replaces the one of all methods as a whole.
  it.each(entries.map((entry) => [keyOf(entry), entry] as const))('of %s say its limits and metrics', (_, entry) => {
    expect(settingsOf(entry)).not.toContain(undefined);
    expect(settingsOf(entry)).toEqual(settingsOf(common));
  });

  it('turn the cache on for the routes whose contract says so, and off for those that were cached once', async () => {
    const contracts = await loadContracts(path.resolve(import.meta.dirname, '../..'));
    const routes = [...contracts.values()].flatMap((contract) => Object.entries(contract.routes));
    const existing = routes.map(([key]) => key);
    const cached = routes.flatMap(([key, { cache }]) => (cache === undefined ? [] : [key]));
    expect(EVER_CACHED).toEqual(expect.arrayContaining(cached));
    const isOn = new Map(entries.map((entry) => [keyOf(entry), entry.optionalBoolean('CachingEnabled')]));
    for (const key of EVER_CACHED.filter((route) => existing.includes(route))) {
      expect([key, isOn.get(key)]).toEqual([key, cached.includes(key)]);
    }
  });
});
