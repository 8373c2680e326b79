import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import { freePort } from '../../local/http/listen.ts';
import { findMongod } from '../../local/mongo/binary/binary.ts';
import { launchMongod } from '../../local/mongo/supervisor.ts';

/** A certificate for 127.0.0.1 that its own key has signed, as PEM files. Clients trust it as an authority. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A mongod that accepts only TLS, and a user who signs in by SCRAM-SHA-256, as a hosted one does. */
export interface SecureMongo {
  /** Which mongod it is. */
  readonly server: string;
  /** For programs that trust the certificate. */
  readonly uri: string;
  readonly certificate: Certificate;
  stop(): Promise<void>;
}

const USER = 'lectern';
const SET = 'cold';

/** Starts it with data, certificate and password that exist only for this run. OpenSSL makes the certificate. */
export async function startSecureMongo(report: (line: string) => void): Promise<SecureMongo> {
  const { MONGODB_URI: _, ...env } = process.env;
  const mongod = await findMongod({ env, report });
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'lectern-cold-'));
  const certificate = await createCertificate(scratch);
  const pem = path.join(scratch, 'both.pem');
  await writeFile(pem, `${await readFile(certificate.certFile)}${await readFile(certificate.keyFile)}`, {
    mode: 0o600,
  });
  const keyFile = path.join(scratch, 'members');
  await writeFile(keyFile, randomBytes(96).toString('base64'), { mode: 0o600 });

  const port = await freePort();
  const command = [
    mongod.path,
    ...['--dbpath', scratch, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket', '--quiet'],
    ...['--logpath', path.join(scratch, 'mongod.log'), '--replSet', SET, '--keyFile', keyFile, '--auth'],
    ...['--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', pem, '--wiredTigerCacheSizeGB', '0.25'],
    ...['--tlsCAFile', certificate.certFile, '--tlsAllowConnectionsWithoutCertificates'],
  ];
  const supervised = launchMongod({ command, logPath: path.join(scratch, 'output.log'), scratch });
  const stop = async () => {
    await supervised.stop();
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    const password = randomBytes(18).toString('base64url');
    await initiate(port, certificate, password);
    const uri = `mongodb://${USER}:${password}@127.0.0.1:${port}/bench?authSource=admin&replicaSet=${SET}&tls=true`;
    return { server: mongod.source, uri, certificate, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function createCertificate(folder: string): Promise<Certificate> {
  const certFile = path.join(folder, 'cert.pem');
  const keyFile = path.join(folder, 'key.pem');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await promisify(execFile)('openssl', ['req', '-x509', ...key, ...name, '-days', '2', '-out', certFile]);
  return { certFile, keyFile };
}

/** As long as there is no user, mongod lets a client on its own machine create one (manual, "Localhost Exception"). */
async function initiate(port: number, { certFile }: Certificate, password: string): Promise<void> {
  const uri = `mongodb://127.0.0.1:${port}/?directConnection=true&tls=true&tlsCAFile=${certFile}`;
  const client = new MongoClient(uri, { runtimeAdapters: { os }, serverSelectionTimeoutMS: 60_000 });
  try {
    const admin = client.db('admin');
    await admin.command({ replSetInitiate: { _id: SET, members: [{ _id: 0, host: `127.0.0.1:${port}` }] } });
    while (!(await admin.command({ hello: 1 }))['isWritablePrimary']) await wait(20);
    await admin.command({ createUser: USER, pwd: password, roles: ['root'], mechanisms: ['SCRAM-SHA-256'] });
  } finally {
    await client.close();
  }
}
