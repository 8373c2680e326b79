import fc from 'fast-check';
import { grantLifetime, MAX_GRANT_SECONDS } from '../../../shared/media/lifetime.ts';

const NOW = new Date('2026-11-02T09:30:00.750Z');
const seconds = (from: Date, to: Date) => (to.getTime() - from.getTime()) / 1000;

describe('the lifetime of a playback grant', () => {
  it('is the duration of the recording plus 15 minutes, in whole seconds', () => {
    expect(grantLifetime(151.3, NOW, null)).toEqual({
      expiresAt: new Date('2026-11-02T09:47:32.000Z'),
      refreshAfter: new Date('2026-11-02T09:43:09.000Z'),
      lifeSeconds: 152 + 900,
    });
  });

  it('ends when the access to the course ends', () => {
    const until = new Date('2026-11-02T09:31:00.000Z');
    expect(grantLifetime(151.3, NOW, until)).toMatchObject({ expiresAt: until, lifeSeconds: 60 });
    expect(grantLifetime(151.3, NOW, new Date('2027-01-01')).lifeSeconds).toBe(152 + 900);
  });

  it('is 12 hours for a download, renewed after 9, or less if the access to the course ends sooner', () => {
    for (const duration of [0, 151.3, 1_000_000]) {
      expect(grantLifetime(duration, NOW, null, 'download')).toEqual({
        expiresAt: new Date('2026-11-02T21:30:00.000Z'),
        refreshAfter: new Date('2026-11-02T18:30:00.000Z'),
        lifeSeconds: 43_200,
      });
    }
    const until = new Date('2026-11-02T11:00:00.000Z');
    expect(grantLifetime(151.3, NOW, until, 'download').expiresAt).toEqual(until);
  });

  it('is between 15 minutes and 12 hours, and covers the recording if that is possible', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1_000_000, noNaN: true }),
        fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
        (duration, now) => {
          const { expiresAt, refreshAfter } = grantLifetime(duration, now, null);
          const life = seconds(now, expiresAt);
          expect(life).toBeGreaterThan(15 * 60 - 1);
          expect(life).toBeLessThanOrEqual(MAX_GRANT_SECONDS);
          expect(life).toBeGreaterThan(Math.min(duration, MAX_GRANT_SECONDS - 1));
          expect(seconds(now, refreshAfter)).toBeLessThan(life);
          expect(expiresAt.getTime() % 1000).toBe(0);
        },
      ),
    );
  });
});
