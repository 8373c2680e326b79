/** The part of GitHub's REST API that is used ("REST API endpoints for deployments"). */
interface Deployment {
  readonly id: number;
  readonly sha: string;
}

export interface GitHub {
  /** Such as https://api.github.com. */
  readonly apiUrl: string;
  /** Owner and name. */
  readonly repository: string;
  readonly token: string;
}

/**
 * Finds the commit that GitHub last deployed to an environment with success. Null if there is none among the latest
 * hundred deployments.
 */
export async function deployedRevision(github: GitHub, environment: string): Promise<string | null> {
  const query = new URLSearchParams({ environment, per_page: '100' });
  // The newest first.
  for (const { id, sha } of await get<readonly Deployment[]>(github, `deployments?${query}`)) {
    const statuses = await get<readonly { readonly state: string }[]>(github, `deployments/${id}/statuses`);
    if (statuses.some(({ state }) => state === 'success')) return sha;
  }
  return null;
}

async function get<T>({ apiUrl, repository, token }: GitHub, path: string): Promise<T> {
  const response = await fetch(`${apiUrl}/repos/${repository}/${path}`, {
    headers: { Accept: 'application/vnd.github+json', Authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${path}`);
  return (await response.json()) as T;
}
