/*
 * What generated courses are about. Sizes and shares are guesses at a large school: a few subjects have most of the
 * courses, and one language half of them.
 */

/** The commonest first. */
export const SUBJECTS = [
  ...['Programming', 'Design', 'Writing', 'Business', 'Photography', 'Music', 'Mathematics', 'Statistics', 'History'],
  ...['Marketing', 'Drawing', 'Biology', 'Chemistry', 'Physics', 'Cooking', 'Gardening', 'Philosophy', 'Economics'],
  ...['Psychology', 'Teaching', 'Leadership', 'Accounting', 'Astronomy', 'Geology', 'Botany', 'Singing', 'Guitar'],
  ...['Piano', 'Violin', 'Acting', 'Dancing', 'Pottery', 'Weaving', 'Woodwork', 'Typography', 'Illustration'],
  ...['Animation', 'Film', 'Architecture', 'Archaeology', 'Linguistics', 'Latin', 'Logic', 'Ethics', 'Law'],
  ...['Nursing', 'Anatomy', 'Nutrition', 'Yoga', 'Chess', 'Sailing', 'Cartography', 'Calligraphy', 'Bookbinding'],
  ...['Beekeeping', 'Falconry', 'Horology', 'Glassblowing', 'Campanology'],
] as const;

/** How a course is named. The first word of each is in no other form: most titles have one of the three. */
export const TITLE_FORMS = [
  ['Introduction to {subject}', 30],
  ['{subject} workshop: {aspect}', 25],
  ['Advanced {subject}: {aspect}', 15],
  ['{aspect} in {subject}', 20],
  ['{subject} for {audience}', 10],
] as const;

export const ASPECTS = [
  ...['first steps', 'tools', 'patterns', 'practice', 'projects', 'mistakes', 'theory', 'colour', 'rhythm', 'proof'],
  ...['memory', 'structure', 'feedback', 'measurement', 'style', 'sources', 'ethics', 'tradition', 'craft', 'safety'],
] as const;

export const AUDIENCES = ['beginners', 'teachers', 'parents', 'engineers', 'artists', 'nurses', 'sailors'] as const;

export const SUMMARY_WORDS = [
  ...'learn build understand explain practise compare measure draw write listen plan test share improve'.split(' '),
  ...'simple clear honest useful careful everyday modern classic hidden common difficult practical'.split(' '),
  ...'ideas methods examples exercises stories questions answers habits skills materials instruments'.split(' '),
  ...'light sound paper numbers people nature cities bodies machines words time space money water'.split(' '),
  ...'portfolio syllabus glossary appendix workbook checklist template rubric studio laboratory archive'.split(' '),
  ...'serendipity palimpsest chiaroscuro escapement theodolite vellum mordant isotope phoneme syllogism'.split(' '),
] as const;

/** A tag and how many of a hundred courses have it. */
export const LANGUAGES = [
  ['en', 42],
  ['en-GB', 8],
  ['es', 14],
  ['de', 11],
  ['fr', 9],
  ['pt-BR', 7],
  ['it', 4],
  ['pl', 2.5],
  ['sv', 1.5],
  ['zh-Hant-TW', 0.9],
  ['cy', 0.1],
] as const;

export const LEVELS = [
  ['beginner', 50],
  ['intermediate', 35],
  ['advanced', 15],
] as const;

export const ACCESS = [
  ['public', 30],
  ['members', 55],
  ['restricted', 15],
] as const;

export const AUTHORS = ['Ada Moore', 'Jonas Weber', 'Inés Prado', 'Mina Okafor', 'Liam Byrne', 'Chen Yu-ting'] as const;
