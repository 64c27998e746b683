/// Numbers, shares, durations, times and what was said, as every page shows them.
import dayjs from 'dayjs';

const grouped = new Intl.NumberFormat('en-US');

export const DASH = '—';

/** 1,234 */
export const count = (value: number | null | undefined): string => (value == null ? DASH : grouped.format(value));

/** 12.3% of a share between 0 and 1. */
export const percent = (share: number | null | undefined): string =>
  share == null || !Number.isFinite(share) ? DASH : `${(share * 100).toFixed(1)}%`;

/** A share of two counts; a dash where nothing was counted. */
export const shareOf = (part: number, whole: number): string => (whole > 0 ? percent(part / whole) : DASH);

/** 02:31, or 1:02:31 from an hour on. */
export const duration = (ms: number | null | undefined): string => {
  if (ms == null) return DASH;
  const seconds = Math.max(0, Math.round(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
};

/** 0.82 s */
export const seconds = (ms: number | null | undefined): string => (ms == null ? DASH : `${(ms / 1000).toFixed(2)} s`);

/** YYYY-MM-DD HH:mm:ss in the reader's own zone. */
export const time = (at: string | number | null | undefined): string => (at ? dayjs(at).format('YYYY-MM-DD HH:mm:ss') : DASH);

/** A time zone as people call it: 中国标准时间 for `Asia/Shanghai`. */
export function zoneName(zone: string, language: string): string {
  try {
    const parts = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: 'long' }).formatToParts();
    return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone;
  } catch {
    // No zone that this browser knows.
    return zone;
  }
}

export const clock = (at: string | number | null | undefined): string => (at ? dayjs(at).format('HH:mm:ss') : DASH);

export const bytes = (n: number | null | undefined): string => {
  if (n == null) return DASH;
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = n;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
};

const FULL_WIDTH: Record<string, string> = { ',': '，', '?': '？', '!': '！', ';': '；', ':': '：' };

/** Recognised speech with the punctuation of its own script: a half-width mark after a Chinese character becomes full-width. */
export const spoken = (text: string): string => text.replace(/(?<=\p{Script=Han})[,?!;:] */gu, (mark) => FULL_WIDTH[mark.charAt(0)] ?? mark);
