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

describe('finding sam and Docker', () => {
  it('fails with every missing program and how to install it', async () => {
    const search = findSam({ PATH: bin }, bin);
    await expect(search).rejects.toThrow('The SAM CLI is missing: there is no `sam`');
    await expect(search).rejects.toThrow('Docker is missing: there is no `docker` on the PATH');
  });

  it('fails if the Docker engine does not respond', async () => {
    await install('sam', 'exit 0');
    await install('docker', 'echo "Cannot connect to the Docker daemon" >&2; exit 1');
    await expect(findSam({ PATH: bin }, bin)).rejects.toThrow(
      /^Docker is installed, but its engine does not respond; .*\(Cannot connect to the Docker daemon\)$/,
    );
  });

  it('uses the program that SAM names', async () => {
    await install('docker', 'echo 27.0');
    const command = await install('sam-elsewhere', 'exit 0');
    await expect(findSam({ PATH: bin, SAM: command }, bin)).resolves.toMatchObject({ command, skipPullImage: false });
  });

  it('does not pull the image if SAM_SKIP_PULL_IMAGE is set', async () => {
    await install('sam', 'exit 0');
    await install('docker', 'exit 0');
    const env = { PATH: bin, SAM_SKIP_PULL_IMAGE: '1' };
    await expect(findSam(env, bin)).resolves.toMatchObject({ skipPullImage: true });
  });

  it('withholds AWS credentials', async () => {
    await install('sam', 'exit 0');
    await install('docker', 'exit 0');
    const env = { PATH: bin, AWS_ACCESS_KEY_ID: 'key', AWS_PROFILE: 'prod', AWS_REGION: 'eu-west-1' };
    const sam = await findSam(env, bin);
    expect(Object.keys(sam.env)).not.toEqual(expect.arrayContaining(['AWS_ACCESS_KEY_ID']));
    expect(Object.keys(sam.env)).not.toEqual(expect.arrayContaining(['AWS_PROFILE']));
    expect(sam.env).toMatchObject({ AWS_REGION: 'eu-west-1', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' });
  });
});
