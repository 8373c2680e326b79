import path from 'node:path';
import { CLIENT_BUDGET_BYTES, clientSizes } from '../tools/build/client-sizes.ts';

// `npm run client:sizes`: prints how much each module of the client adds to an app.

const { all, modules } = await clientSizes(path.resolve(import.meta.dirname, '..'));
for (const [name, bytes] of Object.entries(modules)) console.log(`${String(bytes).padStart(6)}  ${name}`);
console.log(`${String(all).padStart(6)}  all together, of at most ${CLIENT_BUDGET_BYTES}`);
