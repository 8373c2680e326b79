import { createHash } from 'node:crypto';

/*
 * A server with one course, as docs/openapi.json and docs/media.md describe it: answers, files named by their hash, links
 * that expire. Tests that need the real one use the whole system.
 */

export const API = 'https://api.example.com/v1';
const MEDIA = 'https://media.example.com';
export const COURSE = 'sounds';

export interface SchoolLesson {
  readonly id: string;
  readonly text: string;
  /** Contents of images in the text. */
  readonly images?: readonly string[];
  readonly captions?: string;
  readonly recording?: Uint8Array;
}

export interface School {
  publish(lessons: readonly SchoolLesson[]): void;
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Makes all links to recordings invalid that have been granted so far. */
  expireLinks(): void;
  /** Answers every request of the API about lessons and recordings with this problem. */
  refuse(problem: { readonly status: number; readonly code: string } | null): void;
  /** Answers in place of the server, until it returns undefined. */
  intercept(answer: ((url: string, init: RequestInit) => Response | undefined) | null): void;
  /** All requests so far. */
  readonly requests: readonly string[];
  /** Bytes of files that were sent, by name. Without the one that tells a size. */
  readonly sent: ReadonlyMap<string, number>;
  /** The contents of all files that the course now has, by hash. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export function openSchool(): School {
  const files = new Map<string, Uint8Array>();
  const sent = new Map<string, number>();
  const requests: string[] = [];
  let course: Record<string, unknown> = {};
  let lessons = new Map<string, Record<string, unknown>>();
  let grants = new Map<string, Record<string, unknown>>();
  let revision = 0;
  let signature = 0;
  let refusal: { readonly status: number; readonly code: string } | null = null;
  let intercepted: ((url: string, init: RequestInit) => Response | undefined) | null = null;

  function add(folder: string, content: string | Uint8Array, extension: string): string {
    const bytes = Buffer.from(content);
    const name = `${sha256(bytes).slice(0, 32)}.${extension}`;
    files.set(name, bytes);
    return `${MEDIA}/${folder}/${COURSE}/${name}`;
  }

  function publish(published: readonly SchoolLesson[]): void {
    revision += 1;
    files.clear();
    lessons = new Map();
    grants = new Map();
    const image = add('courses', 'the cover', 'png');
    for (const { id, text, images = [], captions, recording } of published) {
      const pictures = images.map((content) => `<img src="${add('courses', content, 'png')}" alt="">`);
      const kind = recording ? 'audio' : 'article';
      const content = {
        ...{ id, kind, title: `Title of ${id}`, durationSeconds: recording ? 60 : null, preview: false },
        html: `<p>${text}</p>${pictures.join('')}<img src="https://elsewhere.example/courses/${COURSE}/${'0'.repeat(32)}.png">`,
        markdown: text,
        transcript: null,
        captions: captions ? [{ language: 'en', label: 'English', url: add('courses', captions, 'vtt') }] : [],
        sizeBytes: recording?.length ?? text.length,
      };
      const contentHash = sha256(JSON.stringify([content, recording && sha256(recording)]));
      lessons.set(id, {
        ...content,
        contentHash,
        courseId: COURSE,
        courseRevision: revision,
        previous: null,
        next: null,
      });
      if (!recording) continue;
      const url = add('media', recording, 'mp3');
      const chapters = { url: add('courses', `chapters of ${id}`, 'json'), contentType: 'application/json+chapters' };
      const download = { url, contentType: 'audio/mpeg', sizeBytes: recording.length, sha256: sha256(recording) };
      grants.set(id, { kind: 'progressive', url, chapters, download });
    }
    const outline = [...lessons.values()].map(({ id, title, kind, sizeBytes, contentHash }) => {
      return { id, title, kind, sizeBytes, contentHash };
    });
    course = {
      ...{ id: COURSE, title: 'Sounds', image, revision, updatedAt: new Date(revision * 1000).toISOString() },
      modules: [{ id: 'all', title: 'All', lessons: outline }],
    };
  }

  async function answer(url: string, init: RequestInit): Promise<Response> {
    requests.push(url);
    const other = intercepted?.(url, init);
    if (other) return other;
    const { origin, pathname, searchParams } = new URL(url);
    const headers = new Headers(init.headers);
    if (origin === MEDIA) {
      const name = pathname.split('/').at(-1) ?? '';
      const file = files.get(name);
      const isSigned = pathname.startsWith('/courses/') || searchParams.get('Signature') === String(signature);
      // As browsers see CloudFront's refusals, which have no CORS headers.
      if (file === undefined || !isSigned) throw new TypeError('Failed to fetch');
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.get('Range') ?? '') ?? [];
      const bytes = file.subarray(Number(from), Number(to) + 1);
      if (bytes.length > 1) sent.set(name, (sent.get(name) ?? 0) + bytes.length);
      return new Response(bytes, {
        status: 206,
        headers: { 'Content-Range': `bytes ${from}-${to}/${file.length}`, 'Content-Type': 'application/octet-stream' },
      });
    }
    const route = pathname.replace(`/v1/courses/${COURSE}`, '');
    if (route === '') return Response.json(course);
    if (headers.get('Authorization') !== 'Bearer good') return problem(401, 'invalid-token');
    if (refusal !== null) return problem(refusal.status, refusal.code);
    if (route === '/media-urls') {
      const { lessonIds } = JSON.parse(String(init.body)) as { readonly lessonIds: readonly string[] };
      return Response.json({
        results: lessonIds.map((lessonId) => ({ lessonId, grant: signed(grants.get(lessonId)) })),
      });
    }
    const lesson = lessons.get(route.replace('/lessons/', ''));
    return lesson ? Response.json(lesson) : problem(404, 'not-found');
  }

  function signed(grant: Record<string, unknown> | undefined) {
    const download = grant?.['download'] as { readonly url: string };
    return { ...grant, download: { ...download, url: `${download.url}?Signature=${signature}&Key-Pair-Id=K1` } };
  }

  return {
    publish,
    fetch: answer,
    expireLinks() {
      signature += 1;
    },
    refuse(problemOrNull) {
      refusal = problemOrNull;
    },
    intercept(other) {
      intercepted = other;
    },
    requests,
    sent,
    files,
  };
}

function problem(status: number, code: string): Response {
  const body = { type: `urn:lectern:problem:${code}`, title: code, status, code };
  return Response.json(body, { status, headers: { 'Content-Type': 'application/problem+json' } });
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
