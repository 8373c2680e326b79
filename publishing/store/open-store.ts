import { folderStore } from './folder-store.ts';
import type { MediaStore } from './media-store.ts';

/** Where the files of courses go. */
export type StoreTarget =
  | { readonly folder: string }
  /** Without a region, the AWS configuration decides. */
  | { readonly bucket: string; readonly region: string | undefined };

/** For people. */
export function nameOf(target: StoreTarget): string {
  return 'folder' in target ? target.folder : `s3://${target.bucket}`;
}

export async function openStore(target: StoreTarget): Promise<MediaStore> {
  if ('folder' in target) return folderStore(target.folder);
  // The client is large, and most imports do not need it.
  const { bucketStore } = await import('./bucket-store.ts');
  return bucketStore(target);
}
