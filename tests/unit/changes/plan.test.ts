import { planOf, type Sources } from '../../../tools/changes/plan.ts';

const live: Sources = { stack: 's1', bundles: { auth: 'a1', courses: 'c1', progress: 'p1' } };
const bundles = (changed: Readonly<Record<string, string>>): Sources => ({
  ...live,
  bundles: { ...live.bundles, ...changed },
});

describe('what is to be deployed', () => {
  it.each<[string, Sources, string]>([
    ['nothing, after a change of documents and tests', live, 'nothing'],
    ['the one function whose bundle changed', bundles({ courses: 'c2' }), 'functions courses'],
    [
      'each function whose bundle a shared file changed',
      bundles({ progress: 'p2', auth: 'a2' }),
      'functions auth progress',
    ],
    ['the stack, when the template, a setting or a route changed', { ...live, stack: 's2' }, 'stack'],
    ['the stack, when such a thing changed as well', { ...bundles({ courses: 'c2' }), stack: 's2' }, 'stack'],
    ['the stack, when a function was added', bundles({ notes: 'n1' }), 'stack'],
    ['the stack, when one was removed', { ...live, bundles: { auth: 'a1', courses: 'c1' } }, 'stack'],
  ])('is %s', (_, after, expected) => {
    const plan = planOf(live, after);
    expect(plan.kind === 'functions' ? `functions ${plan.names.join(' ')}` : plan.kind).toBe(expected);
  });

  it('is the stack where nothing was deployed before', () => {
    expect(planOf(null, live).kind).toBe('stack');
  });
});
