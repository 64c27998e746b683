import { describe, expect, it } from 'vitest';
import type { Role } from '@/api/types';
import { does, homeOf, sees, type Area, type Deed } from './session';

const areas: Area[] = ['contacts', 'campaigns', 'scripts', 'labels', 'calls', 'leads', 'reports', 'users', 'trunks', 'audit', 'system'];
const deeds: Deed[] = ['contacts', 'campaigns', 'scripts', 'labels', 'leads', 'users', 'trunks', 'edges', 'alerts'];

/** As the server grants them; docs/roles.md. */
const granted: Record<Role, string[]> = {
  admin: ['me', 'users.read', 'users.manage', 'audit.read', 'system.read', 'trunks.read', 'trunks.manage', 'trunks.report', 'edges.read', 'edges.manage', 'alerts.read', 'alerts.acknowledge'],
  operator: [
    'me', 'trunks.read', 'contacts.read', 'contacts.manage', 'imports.read', 'imports.manage', 'blacklist.read', 'blacklist.manage', 'labels.read', 'scripts.read',
    'campaigns.read', 'campaigns.manage', 'campaigns.control', 'calls.read', 'recordings.read', 'leads.read', 'presence.read', 'reports.read', 'reports.export', 'alerts.read', 'alerts.acknowledge',
  ],
  scripter: ['me', 'labels.read', 'labels.manage', 'scripts.read', 'scripts.manage', 'calls.read'],
  agent: ['me', 'labels.read', 'calls.read', 'recordings.read', 'leads.read', 'leads.work', 'leads.reveal', 'presence.read'],
  viewer: [
    'me', 'users.read', 'audit.read', 'system.read', 'trunks.read', 'edges.read', 'contacts.read', 'imports.read', 'blacklist.read', 'labels.read', 'scripts.read', 'campaigns.read',
    'calls.read', 'recordings.read', 'leads.read', 'presence.read', 'reports.read', 'reports.export', 'alerts.read',
  ],
};

describe('what each role sees', () => {
  const seen = (role: Role) => areas.filter((a) => sees(granted[role], a));
  it('admin sees no contacts, scripts or campaigns', () => expect(seen('admin')).toEqual(['users', 'trunks', 'audit', 'system']));
  it('scripter sees no campaigns and no agent data', () => expect(seen('scripter')).toEqual(['scripts', 'labels', 'calls']));
  it('agent sees own leads and their calls, not the page of labels', () => expect(seen('agent')).toEqual(['calls', 'leads']));
  it('viewer sees everything and changes nothing', () => {
    expect(seen('viewer')).toEqual(areas);
    expect(deeds.filter((d) => does(granted.viewer, d))).toEqual([]);
  });
  it('operator chooses scripts but does not edit them', () => {
    expect(sees(granted.operator, 'scripts')).toBe(true);
    expect(does(granted.operator, 'scripts')).toBe(false);
  });
  it('a permission more opens a door more', () => {
    expect(sees([...granted.scripter, 'reports.read'], 'reports')).toBe(true);
    expect(sees(granted.scripter, 'reports')).toBe(false);
  });
  it('everybody starts at their own work', () =>
    expect(Object.values(granted).map(homeOf)).toEqual(['/users', '/campaigns', '/scripts', '/leads', '/reports']));
});
