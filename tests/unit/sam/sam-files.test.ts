import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { clearSamFiles, ensureSamFiles, writeVariables } from '../../../tools/sam/sam-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-sam-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

const variables = async () => JSON.parse(await readFile(path.join(folder, 'env.json'), 'utf8'));
const modeOf = async (file: string) => (await stat(file)).mode & 0o777;
const SECRETS = { AuthFunction: { REFRESH_KEY: 'secret' } };

describe('the files of plain sam local commands', () => {
  it('exist before anything runs, with the processor of this machine and no variables', async () => {
    await ensureSamFiles(folder);
    const parameters = await readFile(path.join(folder, 'parameters.yaml'), 'utf8');
    expect(parameters).toBe(`Architecture: ${process.arch === 'arm64' ? 'arm64' : 'x86_64'}\n`);
    expect(await variables()).toEqual({});
  });

  it('are readable only by their owner, also in a folder that others could enter', async () => {
    await chmod(folder, 0o755);
    await ensureSamFiles(folder);
    await writeVariables(folder, SECRETS);
    expect(await modeOf(folder)).toBe(0o700);
    expect(await modeOf(path.join(folder, 'env.json'))).toBe(0o600);
    expect(await readdir(folder)).toEqual(['env.json', 'parameters.yaml']);
  });

  it('keep the variables of a running system when functions are built', async () => {
    await ensureSamFiles(folder);
    await writeVariables(folder, SECRETS);
    await ensureSamFiles(folder);
    expect(await variables()).toEqual(SECRETS);
  });

  it('contain no secret after the system has stopped', async () => {
    await ensureSamFiles(folder);
    await clearSamFiles(folder, await writeVariables(folder, SECRETS));
    expect(await variables()).toEqual({});
  });

  it('keep what another system has written since', async () => {
    await ensureSamFiles(folder);
    const earlier = await writeVariables(folder, SECRETS);
    await writeVariables(folder, { CoursesFunction: {} });
    await clearSamFiles(folder, earlier);
    expect(await variables()).toEqual({ CoursesFunction: {} });
  });
});
