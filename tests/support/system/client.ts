/** The answer to a request, with its JSON parsed. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: a test says by its expectations what a body is.
  readonly body: any;
}

export interface RequestOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly accessToken?: string | undefined;
}

/** Sends a request to a running system. */
export async function send(
  apiUrl: string,
  method: string,
  route: string,
  { body, accessToken }: RequestOptions = {},
): Promise<HttpAnswer> {
  const response = await fetch(`${apiUrl}${route}`, {
    method,
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(accessToken !== undefined && { Authorization: `Bearer ${accessToken}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: text === '' ? null : JSON.parse(text),
  };
}

/** A learner who is signed in over HTTP. */
export interface HttpLearner {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  request(method: string, route: string, body?: unknown): Promise<HttpAnswer>;
}

/** Registers a learner with a running system, and calls routes as that learner. */
export async function registerLearner(apiUrl: string, email: string): Promise<HttpLearner> {
  const password = 'seven swans a-swimming';
  const { status, body } = await send(apiUrl, 'POST', '/auth/register', { body: { email, password, name: 'Ada' } });
  if (status !== 201) throw new Error(`${email} was not registered: ${JSON.stringify(body)}`);
  const { accessToken, refreshToken } = body.tokens as { readonly accessToken: string; readonly refreshToken: string };
  return {
    id: String(body.user.id),
    email,
    password,
    accessToken,
    refreshToken,
    request: (method, route, content) => send(apiUrl, method, route, { body: content, accessToken }),
  };
}
