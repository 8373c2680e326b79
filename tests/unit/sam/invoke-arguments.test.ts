import { readInvokeArguments } from '../../../local/sam/invoke-arguments.ts';

const event = (functionName: string, name: string) => ({
  functionName,
  name,
  file: `/p/events/${functionName}/${name}.json`,
});
const events = [event('courses', 'course'), event('courses', 'list'), event('progress', 'sync')];

describe('npm run invoke', () => {
  it('accepts a function and one of its events', () => {
    expect(readInvokeArguments(['courses', 'list'], events)).toEqual({ event: events[1], direct: false });
  });

  it('accepts --direct anywhere', () => {
    expect(readInvokeArguments(['--direct', 'progress', 'sync'], events)).toEqual({ event: events[2], direct: true });
  });

  it.each([
    [[], 'Name a function and one of its events.'],
    [['courses'], 'Name a function and one of its events.'],
    [['courses', 'list', 'more'], 'Name a function and one of its events.'],
    [['course', 'list'], 'The function course has no sample events.'],
    [['courses', 'sync'], 'There is no events/courses/sync.json.'],
    [['courses', 'list', '--fast'], "Unknown option '--fast'"],
  ])('explains what is wrong with %j and lists the sample events', (args, message) => {
    const error = readInvokeArguments(args, events);
    expect(error).toEqual(expect.stringContaining(message));
    expect(error).toEqual(expect.stringContaining('courses: course, list\n  progress: sync'));
  });
});
