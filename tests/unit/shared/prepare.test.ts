type Prepare = typeof import('../../../shared/prepare.ts');

let prepareBy: Prepare['prepareBy'];
let prepared: Prepare['prepared'];
beforeEach(async () => {
  jest.resetModules();
  ({ prepareBy, prepared } = await import('../../../shared/prepare.ts'));
});

describe('the preparation of a handler', () => {
  it('starts all steps in order, and ends with the last', async () => {
    const events: string[] = [];
    prepareBy(async () => {
      events.push('first starts');
      await Promise.resolve();
      events.push('first ends');
    });
    prepareBy(() => events.push('second'));
    await prepared(() => 'answer').prepare();
    expect(events).toEqual(['first starts', 'second', 'first ends']);
  });

  it('never fails: the first request reports what is missing', async () => {
    const last = jest.fn();
    prepareBy(() => {
      throw new Error('at once');
    });
    prepareBy(() => Promise.reject(new Error('later')));
    prepareBy(last);
    await expect(prepared(() => 'answer').prepare()).resolves.toBeUndefined();
    expect(last).toHaveBeenCalledTimes(1);
  });

  it('leaves the handler as it is', () => {
    expect(prepared((name: string) => `answer to ${name}`)('ada')).toBe('answer to ada');
  });
});
