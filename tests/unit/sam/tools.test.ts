import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findSam } from '../../../local/sam/container/tools.ts';

/** The only folder of the PATH. */
let bin: string;

beforeEach(async () => {
  bin = await mkdtemp(path.join(tmpdir(), 'lectern-test-'));
});
afterEach(() => rm(bin, { recursive: true }));

async function install(name: string, script: string): Promise<string> {
  const file = path.join(bin, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

describe('the tools of sam local', () => {
  it('are named, all that are missing, with where to get them', async () => {
    const looking = findSam({ PATH: bin }, bin);
    await expect(looking).rejects.toThrow('The SAM CLI is missing: there is no `sam`');
    await expect(looking).rejects.toThrow('Docker is missing: there is no `docker` on the PATH');
  });

  it('include an engine that runs', async () => {
    await install('sam', 'exit 0');
    await install('docker', 'echo "Cannot connect to the Docker daemon" >&2; exit 1');
    await expect(findSam({ PATH: bin }, bin)).rejects.toThrow(
      /^Docker is there, but its engine does not answer; .*\(Cannot connect to the Docker daemon\)$/,
    );
  });

  it('may be named by the variable SAM', async () => {
    await install('docker', 'echo 27.0');
    const command = await install('sam-elsewhere', 'exit 0');
    await expect(findSam({ PATH: bin, SAM: command }, bin)).resolves.toMatchObject({ command, skipPullImage: false });
  });

  it('leave the image alone when they are told to', async () => {
    await install('sam', 'exit 0');
    await install('docker', 'exit 0');
    const env = { PATH: bin, SAM_SKIP_PULL_IMAGE: '1' };
    await expect(findSam(env, bin)).resolves.toMatchObject({ skipPullImage: true });
  });

  it('get no credentials of an account', async () => {
    await install('sam', 'exit 0');
    await install('docker', 'exit 0');
    const env = { PATH: bin, AWS_ACCESS_KEY_ID: 'key', AWS_PROFILE: 'prod', AWS_REGION: 'eu-west-1' };
    const sam = await findSam(env, bin);
    expect(Object.keys(sam.env)).not.toEqual(expect.arrayContaining(['AWS_ACCESS_KEY_ID']));
    expect(Object.keys(sam.env)).not.toEqual(expect.arrayContaining(['AWS_PROFILE']));
    expect(sam.env).toMatchObject({ AWS_REGION: 'eu-west-1', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' });
  });
});
