import { describe, expect, it } from 'vitest';
import { shortId } from '@/shared/ui/ShortId';
import { objectName } from './object-name';

describe('the name of what was changed', () => {
  it('is the newer one', () => expect(objectName({ before: { name: '春季' }, after: { name: '春季名单' } })).toBe('春季名单'));
  it('is the older one where the thing is gone', () => expect(objectName({ before: { name: '春季' }, after: null })).toBe('春季'));
  it('is the file of an import', () => expect(objectName({ after: { file_name: '名单.csv', policy: 'skip' } })).toBe('名单.csv'));
  it('is the person of a lead', () => expect(objectName({ after: { id: 'led_1', contact: { id: 'con_1', name: '刘洋' } } })).toBe('刘洋'));
  it('is the number of who has no name', () => expect(objectName({ after: { name: '', number: '139****1101' } })).toBe('139****1101'));
  it('is unknown where the entry does not say', () => expect(objectName({ before: { state: 'online' }, after: { archived: 3 } })).toBeNull());
});

describe('a short id', () => {
  it('keeps the kind and the end', () => expect(shortId('cmp_01m8bsfvw28f7q')).toBe('cmp_…28f7q'));
  it('is whole where it is short', () => expect(shortId('local')).toBe('local'));
});
