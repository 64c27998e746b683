import { describe, expect, it } from 'vitest';
import { bytes, count, duration, percent, seconds, shareOf, spoken, time, zoneName } from './format';

describe('format', () => {
  it('groups thousands', () => expect(count(1234567)).toBe('1,234,567'));
  it('shows a share with one decimal', () => expect(percent(0.1234)).toBe('12.3%'));
  it('shows a dash where nothing was counted', () => expect(shareOf(0, 0)).toBe('—'));
  it('shows minutes and seconds', () => expect(duration(151_000)).toBe('02:31'));
  it('adds hours when there are any', () => expect(duration(3_751_000)).toBe('1:02:31'));
  it('shows a response time in hundredths', () => expect(seconds(823)).toBe('0.82 s'));
  it('shows a full local time', () => expect(time('2026-11-22T08:09:10')).toBe('2026-11-22 08:09:10'));
  it('writes Chinese speech with Chinese marks', () => expect(spoken('是啊,你说吧, 好吗?')).toBe('是啊，你说吧，好吗？'));
  it('leaves other marks alone', () => expect(spoken('12,000 OK, 9:30')).toBe('12,000 OK, 9:30'));
  it('names a time zone as people do', () => {
    expect(zoneName('Asia/Shanghai', 'zh-CN')).toBe('中国标准时间');
    expect(zoneName('Asia/Shanghai', 'en')).toBe('China Standard Time');
  });
  it('leaves a zone alone that nobody knows', () => expect(zoneName('Moon/Base', 'zh-CN')).toBe('Moon/Base'));
  it('scales bytes', () => expect(bytes(1536)).toBe('1.5 KB'));
});
