import express from 'express';
import serverless from 'serverless-http';
import { databaseOnFirstUse } from '../../work/database-on-first-use.ts';

/** The design to compare with: Express by serverless-http, and the route that `courses` is measured by. */
const app = express().disable('x-powered-by').disable('etag');

app.get('/courses/:courseId', async (request, response) => {
  const courses = (await databaseOnFirstUse()).collection<{ readonly _id: string }>('courses');
  const course = await courses.findOne({ _id: request.params.courseId });
  response.status(course === null ? 404 : 200).json(course?.['published' as keyof typeof course] ?? null);
});

export const handler = serverless(app);
