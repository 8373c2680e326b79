import path from 'node:path';
import { fillPlaceholders, placeholdersIn } from '../../../local/sam/sample/placeholders.ts';
import { listEvents, readEventText } from '../../../local/sam/sample/sample-events.ts';
import { feedTokenIn, tokensIn } from '../../../local/sam/sample/sample-values.ts';

const root = path.resolve(import.meta.dirname, '../../..');

describe('the placeholders of an event', () => {
  it('are replaced everywhere, even in a body', () => {
    const event = '{"Authorization":"Bearer <access token>","body":"{\\"password\\":\\"<password>\\"}"}';
    expect(fillPlaceholders(event, { 'access token': 'e30.e30.c2ln', password: 'swans' })).toBe(
      '{"Authorization":"Bearer e30.e30.c2ln","body":"{\\"password\\":\\"swans\\"}"}',
    );
  });

  it('stay if they have no value, so that the function refuses them', () => {
    expect(fillPlaceholders('Bearer <access token>, <constructor>', {})).toBe('Bearer <access token>, <constructor>');
  });

  it('are listed once each', () => {
    expect(placeholdersIn('<access token> <password> <access token> <b>1</b>')).toEqual([
      'access token',
      'password',
      'b',
    ]);
  });

  it('in events/ are only those with a value from signing in or opening a feed', async () => {
    const texts = await Promise.all((await listEvents(root)).map(readEventText));
    const found = new Set(texts.flatMap(placeholdersIn));
    expect(found).toEqual(new Set(['access token', 'feed token', 'password', 'refresh token']));
  });
});

describe('the tokens of an answer', () => {
  it('are those of a sign-in or a refresh', () => {
    const body = JSON.stringify({ user: { id: 'one' }, tokens: { accessToken: 'a.b.c', refreshToken: 'd.0.e' } });
    expect(tokensIn(body)).toEqual({ 'access token': 'a.b.c', 'refresh token': 'd.0.e' });
  });

  it.each(['', '{"user":{}}', '[]', '{"tokens":null}'])('are absent from %j', (body) => {
    expect(tokensIn(body)).toEqual({});
  });
});

describe('the token of a feed', () => {
  it('is part of its address', () => {
    const url = 'https://api.example.com/v1/feeds/q83vEjRWeJAKfHlzJm5wVQ0aRsdkXn2bTzL4hG1uYIo';
    expect(feedTokenIn(JSON.stringify({ url }))).toEqual({
      'feed token': 'q83vEjRWeJAKfHlzJm5wVQ0aRsdkXn2bTzL4hG1uYIo',
    });
  });

  it.each(['', '{"url":"https://media.example.com/media/sound/a.mp3"}', '{"code":"forbidden"}'])(
    'is absent from %j',
    (body) => {
      expect(feedTokenIn(body)).toEqual({});
    },
  );
});
