import { beforeAll, describe, expect, it } from 'vitest';
import { browser } from '@/testing/frame';
import { changesOf } from './changes';

beforeAll(browser);

const nobody = () => null;

describe('the changes of a log entry', () => {
  it('are the fields that differ, in words', () => {
    const before = { id: 'usr_1', name: '赵坐席', role: 'agent', enabled: true };
    const after = { id: 'usr_1', name: '赵坐席', role: 'viewer', enabled: false };
    expect(changesOf({ before, after }, nobody)).toEqual([
      { field: '角色', before: '人工坐席', after: '管理层' },
      { field: '启用', before: '是', after: '否' },
    ]);
  });

  it('are all that something new says, and nothing where it says nothing', () => {
    const after = { id: 'grp_1', name: '春季名单', remark: '', contacts: 1200, created_at: '2026-11-22T08:00:00Z' };
    expect(changesOf({ before: null, after }, nobody)).toEqual([
      { field: '名称', before: '—', after: '春季名单' },
      { field: '客户数', before: '—', after: '1,200' },
    ]);
  });

  it('name what they point at, where its name is known', () => {
    const nameOf = (id: string) => (id === 'trk_01m8bse6bdcee' ? '预演线路' : null);
    const change = { before: { trunk_id: 'trk_01m8bse6bdcee' }, after: { trunk_id: 'trk_01m8bse6bqqqq' } };
    expect(changesOf(change, nameOf)).toEqual([{ field: '线路', before: '预演线路', after: 'trk_…bqqqq' }]);
  });

  it('call the days of a window by their names', () => {
    const after = { windows: [{ weekdays: [1, 7], from: '09:00', to: '20:00' }] };
    expect(changesOf({ before: null, after }, nobody)[0]?.after).toBe('周一、周日 09:00–20:00');
  });

  it('say what a field holds', () => {
    expect(changesOf({ before: { retry: { attempts: 1, interval_s: 60 } }, after: { retry: { attempts: 2, interval_s: 60 } } }, nobody)).toEqual([
      { field: '重呼', before: '最多次数 1；间隔（秒） 60', after: '最多次数 2；间隔（秒） 60' },
    ]);
  });
});
