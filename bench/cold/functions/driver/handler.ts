import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { databaseOnFirstUse } from '../../work/database-on-first-use.ts';

/** The driver alone, for one route. */
export async function handler({ pathParameters }: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> {
  const courses = (await databaseOnFirstUse()).collection<{ readonly _id: string }>('courses');
  const course = await courses.findOne({ _id: pathParameters?.['courseId'] ?? '' });
  return { statusCode: course === null ? 404 : 200, body: JSON.stringify(course) };
}
