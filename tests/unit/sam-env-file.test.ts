import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createEnvFile } from '../../local/sam/env-file.ts';

describe('the file of variables for sam', () => {
  it('gives them to every function, may be read by its owner alone, and goes', async () => {
    const file = await createEnvFile({ MONGODB_URI: 'mongodb://secret' });
    expect(JSON.parse(await readFile(file.path, 'utf8'))).toEqual({ Parameters: { MONGODB_URI: 'mongodb://secret' } });
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file.path))).mode & 0o777).toBe(0o700);

    await file.remove();
    await expect(stat(path.dirname(file.path))).rejects.toThrow('ENOENT');
  });
});
