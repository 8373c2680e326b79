import { mapConcurrent } from '../../../publishing/files/map-concurrent.ts';

describe('a concurrent map', () => {
  it('limits the concurrency, and returns the results in order', async () => {
    let running = 0;
    let most = 0;
    const answers = await mapConcurrent(3, [5, 1, 4, 2, 3, 0], async (turns) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      running--;
      return turns * 10;
    });
    expect(answers).toEqual([50, 10, 40, 20, 30, 0]);
    expect(most).toBe(3);
  });

  it('starts nothing after a failure, and waits for the work in progress', async () => {
    const begun: string[] = [];
    const ended: string[] = [];
    const failure = mapConcurrent(2, ['slow', 'wrong', 'never'], async (name) => {
      begun.push(name);
      if (name === 'wrong') throw new Error('wrong');
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      ended.push(name);
    });
    await expect(failure).rejects.toThrow('wrong');
    expect({ begun, ended }).toEqual({ begun: ['slow', 'wrong'], ended: ['slow'] });
  });

  it('returns nothing for no items', async () => {
    expect(await mapConcurrent(4, [], () => Promise.reject(new Error('asked')))).toEqual([]);
  });
});
