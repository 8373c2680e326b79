import { useSystem } from '../support/system/system.ts';

const APP = 'http://localhost:5173';
const CREDENTIALS = { email: 'ada@example.com', password: 'seven swans a-swimming', name: 'Ada' };

/** Sends a request as a browser does for a page at this origin. */
function fetchFrom(url: string, origin: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, headers: { ...init.headers, Origin: origin } });
}

function register(apiUrl: string, origin: string, email: string): Promise<Response> {
  return fetchFrom(`${apiUrl}/auth/register`, origin, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...CREDENTIALS, email }),
  });
}

const allowedOrigin = (response: Response) => response.headers.get('access-control-allow-origin');

describe('a web app on the same machine as a system without ALLOWED_ORIGINS', () => {
  const { system } = useSystem();

  it('may call a route and read its answers and problems', async () => {
    const { apiUrl } = system();
    const preflight = await fetchFrom(`${apiUrl}/auth/register`, APP, {
      method: 'OPTIONS',
      headers: { 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type' },
    });
    expect([preflight.status, allowedOrigin(preflight)]).toEqual([200, '*']);

    const registered = await register(apiUrl, APP, 'ada@example.com');
    expect([registered.status, allowedOrigin(registered)]).toEqual([201, APP]);
    expect(registered.headers.get('vary')).toBe('Origin');
    const repeated = await register(apiUrl, APP, 'ada@example.com');
    expect([repeated.status, allowedOrigin(repeated)]).toEqual([409, APP]);

    const catalog = await fetchFrom(`${apiUrl}/courses`, APP);
    expect([catalog.status, allowedOrigin(catalog)]).toEqual([200, '*']);
  });

  it('may read media', async () => {
    const { apiUrl } = system();
    const lesson = await fetchFrom(`${apiUrl}/courses/seeing-with-numbers/previews/mean-and-median`, APP);
    const { captions } = (await lesson.json()) as { captions: [{ url: string }] };
    expect(allowedOrigin(await fetchFrom(captions[0].url, APP))).toBe('*');

    const granted = await fetchFrom(`${apiUrl}/courses/listening-to-the-world/previews/what-a-sound-is/media-url`, APP);
    const { url } = (await granted.json()) as { url: string };
    const recording = await fetchFrom(url, APP, { method: 'HEAD' });
    expect([recording.status, allowedOrigin(recording)]).toEqual([200, '*']);
  });

  it('is the only one that may: an app elsewhere reads no uncached answer', async () => {
    const answer = await register(system().apiUrl, 'https://app.example.com', 'bob@example.com');
    expect([answer.status, allowedOrigin(answer)]).toEqual([201, null]);
  });
});

describe('a web app on the same machine as a system with ALLOWED_ORIGINS', () => {
  const { system } = useSystem({ allowedOrigins: () => ['http://localhost:4321'] });

  it('reads uncached answers only if its origin is listed', async () => {
    const { apiUrl } = system();
    expect(allowedOrigin(await register(apiUrl, 'http://localhost:4321', 'ada@example.com'))).toBe(
      'http://localhost:4321',
    );
    expect(allowedOrigin(await register(apiUrl, APP, 'bob@example.com'))).toBeNull();
  });
});
