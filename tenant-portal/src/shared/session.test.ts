import { describe, expect, it } from 'vitest';
import { does, homeOf, sees, type Area } from './session';

const areas: Area[] = ['contacts', 'campaigns', 'scripts', 'labels', 'calls', 'leads', 'reports', 'users', 'trunks', 'audit', 'system'];

describe('what each role sees', () => {
  it('admin sees no contacts, scripts or campaigns', () =>
    expect(areas.filter((a) => sees('admin', a))).toEqual(['users', 'trunks', 'audit', 'system']));
  it('scripter sees no campaigns and no agent data', () =>
    expect(areas.filter((a) => sees('scripter', a))).toEqual(['scripts', 'labels', 'calls']));
  it('agent sees own leads and their calls', () => expect(areas.filter((a) => sees('agent', a))).toEqual(['calls', 'leads']));
  it('viewer sees everything and changes nothing', () => {
    expect(areas.every((a) => sees('viewer', a))).toBe(true);
    expect(['contacts', 'campaigns', 'scripts', 'labels', 'leads', 'users', 'trunks'].some((a) => does('viewer', a as 'contacts'))).toBe(false);
  });
  it('operator chooses scripts but does not edit them', () => {
    expect(sees('operator', 'scripts')).toBe(true);
    expect(does('operator', 'scripts')).toBe(false);
  });
  it('every role starts on a page it may see', () => {
    for (const [role, path] of Object.entries(homeOf)) expect(sees(role as keyof typeof homeOf, path.slice(1) as Area)).toBe(true);
  });
});
