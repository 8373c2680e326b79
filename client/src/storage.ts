/**
 * Where the client keeps texts, such as `localStorage` of browsers and `AsyncStorage` of React Native. `setItem` replaces a
 * text as a whole. Every key of the client starts with `lectern`.
 */
export interface KeyValueStorage {
  getItem(key: string): Promise<string | null> | string | null;
  setItem(key: string, text: string): Promise<unknown> | unknown;
  removeItem(key: string): Promise<unknown> | unknown;
}
