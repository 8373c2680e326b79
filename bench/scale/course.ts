import type { Db } from 'mongodb';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { generatedCourse } from '../catalog/generated-course.ts';

/** Lessons of each course that sizes are measured with. */
export const LESSONS = 20;

/** The courses of the journey, by who may read them. */
export const COURSES = { public: 'a-public-course', members: 'a-members-course', restricted: 'a-restricted-course' };

/** A lesson with a recording that only members may read, and the one that is open to anyone. */
export const LESSON = 'lesson-2';
export const PREVIEW = 'lesson-1';

/** Of the lesson with this number, from 1. */
export function lessonId(number: number): string {
  return `lesson-${number}`;
}

/** Publishes the courses, all of the same plausible lessons, every second one with a video. */
export async function publishCourses(db: Db): Promise<void> {
  // The first generated course whose lessons are articles and videos by turns.
  const source = generatedCourse(firstOfBothKinds());
  const [first] = source.modules;
  if (first === undefined) throw new Error('A generated course has a module');
  for (const [access, id] of Object.entries(COURSES)) {
    const lessons = Array.from({ length: LESSONS }, (_, index) => {
      const lesson = first.lessons[index % 2];
      if (lesson === undefined) throw new Error('A generated module has two lessons');
      return { ...lesson, id: lessonId(index + 1), title: `Lesson ${index + 1}`, preview: index === 0 };
    });
    await publishCourse(db, {
      ...source,
      id,
      access: access as keyof typeof COURSES,
      modules: [{ id: 'module-1', title: 'Module 1', lessons }],
    });
  }
}

function firstOfBothKinds(): number {
  for (let number = 0; ; number += 1) {
    const kinds = generatedCourse(number)
      .modules[0]?.lessons.slice(0, 2)
      .map(({ kind }) => kind);
    if (kinds?.join() === 'article,video') return number;
  }
}
