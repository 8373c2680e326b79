import fc from 'fast-check';
import { catalogKey, catalogKeys } from '../../../shared/catalog/keys.ts';
import { fold, queryTerms, searchTerms } from '../../../shared/catalog/terms.ts';

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const facets = fc.record({
  language: fc.constantFrom('en', 'en-GB', 'pt-BR', 'zh-Hant-TW'),
  topics: fc.uniqueArray(word, { minLength: 1, maxLength: 8 }),
  formats: fc.subarray(['article', 'audio', 'video'], { minLength: 1 }),
  level: fc.constantFrom('beginner', 'intermediate', 'advanced'),
});
const filters = fc.record(
  {
    language: fc.constantFrom('en', 'EN', 'en-gb', 'pt', 'zh-Hant', 'de'),
    topic: word,
    format: fc.constantFrom('article', 'audio', 'video'),
    level: fc.constantFrom('beginner', 'advanced'),
  },
  { requiredKeys: [] },
);

describe('the catalog keys of a course', () => {
  it('contain the key of a filter exactly when the course matches it', () => {
    fc.assert(
      fc.property(facets, filters, fc.nat(), (course, filter, pick) => {
        // Half of the filters use a topic of the course, because a random word rarely is one.
        const asked = pick % 2 === 0 ? { ...filter, topic: course.topics[pick % course.topics.length] ?? '' } : filter;
        const language = course.language.toLowerCase();
        const range = asked.language?.toLowerCase();
        const passes =
          (range === undefined || language === range || language.startsWith(`${range}-`)) &&
          (asked.topic === undefined || course.topics.includes(asked.topic)) &&
          (asked.format === undefined || course.formats.includes(asked.format)) &&
          (asked.level === undefined || course.level === asked.level);
        expect(catalogKeys(course).includes(catalogKey(asked))).toBe(passes);
      }),
    );
  });

  it('are distinct and bounded', () => {
    fc.assert(
      fc.property(facets, (course) => {
        const keys = catalogKeys(course);
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys.length).toBeLessThanOrEqual(4 * 9 * 4 * 2);
      }),
    );
  });
});

describe('search terms', () => {
  it('ignore case, accents and width', () => {
    expect(searchTerms('Élan VITAL ＡＢＣ')).toEqual(['elan', 'vital', 'abc']);
  });

  it('are words also in languages without spaces', () => {
    expect(searchTerms('日本語の勉強')).toContain('勉強');
  });

  it.each([
    ['สวัสดีชาวโลก', 'สวัสดี'],
    ['การเขียนที่สอน', 'เขียน'],
    ['हिन्दी सीखें', 'हिन्दी'],
    ['Don’t stop', "don't"],
    ['L’écoute active', "l'ecoute"],
    ['L’écoute active', 'écoute'],
    ['Die Straße', 'STRASSE'],
    ['Un chef-d’œuvre', 'oeuvre'],
    ['Da\u00ADten', 'daten'],
    ['ﬁne ＴＥＸＴ', 'fine text'],
    ['ΟΔΟΣ', 'οδός'],
  ])('of %j match the query %j', (text, query) => {
    expect(searchTerms(text)).toEqual(expect.arrayContaining(queryTerms(query)));
  });

  it('keep marks that distinguish letters', () => {
    expect(searchTerms('テ')).not.toEqual(searchTerms('デ'));
  });

  it('contain only words', () => {
    expect(searchTerms('"$where": {} -- !? 🎧')).toEqual(['where']);
  });

  it('of a query are limited to eight', () => {
    expect(queryTerms('a b c d e f g h i j')).toHaveLength(8);
  });

  it('are folded idempotently', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => expect(fold(fold(text))).toBe(fold(text))));
  });
});
