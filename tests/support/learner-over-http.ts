/** The answer to a request, with its JSON parsed. */
export interface HttpAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test says by its expectations what a body is.
  readonly body: any;
}

/** A learner who is signed in over HTTP. */
export interface HttpLearner {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  request(method: string, route: string, body?: unknown): Promise<HttpAnswer>;
}

/** Registers a learner with a running system, and calls routes as that learner. */
export async function registerLearner(apiUrl: string, email: string): Promise<HttpLearner> {
  const password = 'seven swans a-swimming';
  const account = { email, password, name: 'Ada' };
  const { status, body } = await send(apiUrl, 'POST', '/auth/register', account);
  if (status !== 201) throw new Error(`${email} was not registered: ${JSON.stringify(body)}`);
  const token: string = body.tokens.accessToken;
  const id: string = body.user.id;
  return { id, email, password, request: (method, route, content) => send(apiUrl, method, route, content, token) };
}

async function send(
  apiUrl: string,
  method: string,
  route: string,
  body?: unknown,
  accessToken?: string,
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
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}
