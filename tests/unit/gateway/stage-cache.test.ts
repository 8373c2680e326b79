import { cacheSlot } from '../../../local/gateway/cache/cache-slot.ts';
import { createStageCache } from '../../../local/gateway/cache/stage-cache.ts';
import type { GatewayRequest } from '../../../local/gateway/request/request.ts';
import type { Match } from '../../../local/gateway/request/routing.ts';
import type { Answer } from '../../../local/gateway/response/answer.ts';
import type { RouteModel } from '../../../tools/template/model.ts';

function answer(bytes: number): Answer {
  return { status: 200, headers: [], body: Buffer.alloc(bytes) };
}

describe('the stage cache', () => {
  const now = () => new Date(0);

  it('evicts the least recently used answer when it is full', () => {
    const cache = createStageCache(now, 250);
    cache.store('a', answer(100), 60);
    cache.store('b', answer(100), 60);
    cache.find('a');
    cache.store('c', answer(100), 60);
    expect(['a', 'b', 'c'].map((key) => cache.find(key) !== null)).toEqual([true, false, true]);
  });

  it('counts an answer only once if it is stored again', () => {
    const cache = createStageCache(now, 250);
    for (let round = 0; round < 9; round += 1) cache.store('a', answer(100), 60);
    cache.store('b', answer(100), 60);
    expect(cache.find('a')).not.toBeNull();
  });

  it('frees the space of expired answers', () => {
    let time = 0;
    const cache = createStageCache(() => new Date(time), 250);
    cache.store('a', answer(200), 1);
    time = 1000;
    expect(cache.find('a')).toBeNull();
    cache.store('b', answer(100), 60);
    cache.store('c', answer(100), 60);
    expect(cache.find('b')).not.toBeNull();
  });

  it('does not store an answer that was requested before a flush', () => {
    const cache = createStageCache(now);
    const route = {
      method: 'GET',
      path: '/a',
      requestParameters: [],
      cache: { ttlSeconds: 60 },
    } as unknown as RouteModel;
    const slot = () => cacheSlot(cache, route, {} as GatewayRequest, {} as Match, new Map());
    const before = slot();
    cache.flush();
    before?.store(answer(1));
    expect(slot()?.find()).toBeNull();
    slot()?.store(answer(1));
    expect(slot()?.find()).not.toBeNull();
  });
});
