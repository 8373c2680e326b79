import { handler } from '../../../functions/authorizer/handler.ts';
import { problem } from '../../../shared/http/problem.ts';
import { authorizerEvent } from '../../support/functions/api-event.ts';
import { useLogs } from '../../support/jest/logs.ts';

jest.mock('../../../functions/authorizer/authorize-read.ts', () => ({
  authorizeRead: () => Promise.reject(problem('forbidden')),
}));

const logs = useLogs();

describe('an authorizer that throws a refusal that is not its to make', () => {
  it('is logged as the failure that API Gateway makes of it, so that the alarms of its release count it', async () => {
    const event = authorizerEvent({ courseId: 'sound', lessonId: 'one' }, {});
    await expect(handler(event)).rejects.toMatchObject({ name: 'AuthorizationFailure', message: 'forbidden' });
    expect(logs.lines()).toMatchObject([{ message: 'Authorization failed', code: 'forbidden', status: 500 }]);
  });
});
