import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createEnvFile } from '../../../local/sam/container/env-file.ts';

describe('the file with variables for sam', () => {
  it('has the variables by function, can be read only by its owner, and is removed', async () => {
    const variables = { CoursesFunction: { MONGODB_URI: 'mongodb://secret' }, AuthFunction: { REFRESH_KEY: 'secret' } };
    const file = await createEnvFile(variables);
    expect(JSON.parse(await readFile(file.path, 'utf8'))).toEqual(variables);
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file.path))).mode & 0o777).toBe(0o700);

    await file.remove();
    await expect(stat(path.dirname(file.path))).rejects.toThrow('ENOENT');
  });
});
