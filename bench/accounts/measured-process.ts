import { closeDatabase } from '../../shared/db/client.ts';
import { measureAuthorizer } from './authorizations.ts';
import type { AccountsEffort } from './effort.ts';
import type { Report } from './protocol.ts';
import { countRouteCommands } from './route-commands.ts';
import { measureLogins, measureResets } from './tries.ts';
import { measureVerification } from './verification.ts';

/*
 * The process that the functions are measured in: on the Node of the deployment, which takes TypeScript as it is, so
 * that the driver can be watched beside the real handlers. What they read is in its environment.
 */

// A parent that has gone wants to know nothing more.
process.on('disconnect', () => process.exit());

const effort = JSON.parse(process.argv[2] ?? '') as AccountsEffort;
const report = (line: string) => send({ kind: 'progress', line });

report('verification');
const verification = await measureVerification(effort);
const logins = await measureLogins(effort, report);
const resets = await measureResets(effort, report);
const authorizer = await measureAuthorizer(effort, report);
const routes = await countRouteCommands(report);
await closeDatabase();
send({ kind: 'measured', figures: { verification, logins, resets, authorizer, routes } });

function send(message: Report): void {
  process.send?.(message);
}
