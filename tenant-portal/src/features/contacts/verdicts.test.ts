import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cell } from '@/api/types';
import { browser } from '@/testing/frame';
import { isWhole, verdictsOf } from './verdicts';

beforeAll(browser);

const columns = [
  { index: 0, header: '姓名', field: 'name' },
  { index: 1, header: '手机号', field: 'number' },
];
const row = (number: string, verdict: Cell['verdict'] = 'ok', code: string | null = null): Cell[] => [
  { value: '周明', verdict: 'ok' },
  { value: number, verdict, code },
];
const asGuessed = { 0: 'name', 1: 'number' };
const of = (rows: Cell[][], fields: Record<number, string | null> = asGuessed) => verdictsOf(i18next.t, { columns, rows }, fields).map((r) => r[1]);

describe('a cell of the preview', () => {
  it('says why it is refused', () => expect(of([row('13****0', 'error', 'number_too_short')])).toEqual([{ tone: 'bad', why: '号码位数不够' }]));
  it('says what becomes of several numbers, as something to heed', () => {
    const [verdict] = of([row('139****1101 / 139****1102', 'warning', 'number_several')]);
    expect(verdict?.tone).toBe('warn');
    expect(verdict?.why).toMatch(/第一个/);
  });
  it('names the row with the same number before it', () => {
    const verdicts = of([row('139****1101'), row('139****1102'), row('139****1101')]);
    expect(verdicts.slice(0, 2)).toEqual([null, null]);
    expect(verdicts[2]?.tone).toBe('warn');
    expect(verdicts[2]?.why).toMatch(/第 2 行/);
  });
  it('says nothing of a column that now means something else', () => expect(of([row('13****0', 'error', 'number_too_short')], { 0: 'name', 1: 'remark' })).toEqual([null]));
});

it('a preview of few rows is the whole file', () => {
  expect(isWhole({ rows: Array.from({ length: 1 }, () => row('139****1101')) })).toBe(true);
  expect(isWhole({ rows: Array.from({ length: 20 }, () => row('139****1101')) })).toBe(false);
});
