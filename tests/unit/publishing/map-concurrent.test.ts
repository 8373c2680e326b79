import { mapConcurrent } from '../../../publishing/work/map-concurrent.ts';

describe('a few at once', () => {
  it('are never more, and are answered in their order', async () => {
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

  it('begin nothing after a failure, and wait for what is under way', async () => {
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

  it('of nothing are nothing', async () => {
    expect(await mapConcurrent(4, [], () => Promise.reject(new Error('asked')))).toEqual([]);
  });
});
