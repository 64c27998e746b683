/// The server's note about a part or a model, in the reader's words. A note this portal does not know is shown as it is.
import type { TFunction } from 'i18next';
import i18next from 'i18next';
import { bytes } from '@/shared/format/format';

export function partText(t: TFunction, detail: string | null | undefined): string {
  if (!detail) return '';
  const [, took] = /^(\d+) ms$/.exec(detail) ?? [];
  if (took) return t('system.answers', { ms: took });
  const [, name, kib] = /^(.+), (\d+) KiB$/.exec(detail) ?? [];
  if (name && kib) return t('system.file', { name, size: bytes(Number(kib) * 1024) });
  const [, missing] = /^(\S+) is missing/.exec(detail) ?? [];
  if (missing) return t('system.missing', { name: missing });
  const kind = detail.split(':')[0] ?? '';
  return i18next.exists(`system.kind.${kind}`) ? t(`system.kind.${kind}`) : detail;
}
