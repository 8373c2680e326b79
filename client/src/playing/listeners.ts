import type { ListenerTarget } from './media-element.ts';

/** Listens to events, whose names are separated by spaces. */
export type Listen = (target: ListenerTarget, types: string, listener: () => void) => void;

/** Returns a function that listens, and one that removes all its listeners. */
export function createListeners(): readonly [listen: Listen, removeAll: () => void] {
  const removals: (() => void)[] = [];
  return [
    (target, types, listener) => {
      for (const type of types.split(' ')) {
        target.addEventListener(type, listener);
        removals.push(() => target.removeEventListener(type, listener));
      }
    },
    () => {
      for (const remove of removals) remove();
    },
  ];
}
