import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { importCourses } from '../../publishing/import-courses.ts';
import { migrateDatabase } from '../../publishing/migration/migrate-database.ts';
import { measurementCache } from '../../publishing/recording/measurement-cache.ts';
import { folderStore } from '../../publishing/store/folder-store.ts';
import { CLIENT_OPTIONS } from '../../shared/db/client.ts';

export interface SampleCoursesOptions {
  readonly root: string;
  readonly mediaDir: string;
  readonly mongodbUri: string;
}

/** Imports the sample courses like any other course. Existing ones stay as they are. */
export async function loadSampleCourses({ root, mediaDir, mongodbUri }: SampleCoursesOptions): Promise<void> {
  const courses = path.join(root, 'examples/courses');
  const folders = (await readdir(courses, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const client = new MongoClient(mongodbUri, CLIENT_OPTIONS);
  try {
    await migrateDatabase(client.db());
    await importCourses(
      folders.map((folder) => path.join(courses, folder.name)),
      {
        db: client.db(),
        store: folderStore(mediaDir),
        measurements: measurementCache(path.join(root, '.cache/measurements')),
      },
    );
  } finally {
    await client.close();
  }
}
