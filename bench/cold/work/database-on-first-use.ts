import os from 'node:os';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type Db, MongoClient } from 'mongodb';

let connecting: Promise<MongoClient> | undefined;

/** The database of a function that connects with its first request, as most do: the AWS client, then the driver. */
export async function databaseOnFirstUse(): Promise<Db> {
  connecting ??= connect();
  return (await connecting).db();
}

async function connect(): Promise<MongoClient> {
  const names = Object.keys(process.env).flatMap((variable) =>
    variable.endsWith('_PARAMETER') ? [process.env[variable] ?? ''] : [],
  );
  const { Parameters = [] } = await new SSMClient().send(
    new GetParametersCommand({ Names: names, WithDecryption: true }),
  );
  const uri = Parameters.find(({ Name }) => Name === process.env['MONGODB_URI_PARAMETER'])?.Value ?? '';
  return new MongoClient(uri, { runtimeAdapters: { os }, maxPoolSize: 5 }).connect();
}
