/// Every page of every role: the menu matches the role, direct addresses do not open what is not theirs, nothing is wrong
/// in the console, no accessibility fault, no full number.
import AxeBuilder from 'axe-core';
import { expect, expectMasked, picture, settled, test, type Role } from './house';

const PAGES: Record<Role, string[]> = {
  admin: ['users', 'trunks', 'edges', 'alerts', 'audit', 'system'],
  operator: ['campaigns', 'campaigns/new', 'contacts', 'contacts/import', 'groups', 'blacklist', 'scripts', 'labels', 'calls', 'leads', 'reports', 'trunks', 'alerts'],
  scripter: ['scripts', 'labels', 'calls'],
  agent: ['leads', 'calls'],
  viewer: ['campaigns', 'contacts', 'groups', 'blacklist', 'scripts', 'labels', 'calls', 'leads', 'reports', 'users', 'trunks', 'edges', 'alerts', 'audit', 'system'],
};
const EVERY = [...new Set(Object.values(PAGES).flat())];

type Fault = { id: string; nodes: { html: string }[] };

for (const role of Object.keys(PAGES) as Role[]) {
  test(`${role} sees the pages of the role and no others`, async ({ house, signedIn }) => {
    const page = await signedIn(role);
    for (const path of PAGES[role]) {
      await page.goto(`${house.url}/${path}`);
      await expect(page.locator('h1, [role="heading"]').first(), path).toBeVisible();
      await settled(page);
      await expectMasked(page);
      // Evaluated, not added: the page's own policy runs no inline script.
      await page.evaluate(AxeBuilder.source);
      const faults = await page.evaluate(async () => {
        const axe = (window as unknown as { axe: { run: (root: Document, options: object) => Promise<{ violations: Fault[] }> } }).axe;
        const { violations } = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'] });
        return violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html.slice(0, 160)}`);
      });
      expect(faults, `accessibility of /${path}`).toEqual([]);
      if (role === 'viewer' || (role === 'operator' && !PAGES.viewer.includes(path)) || (role === 'admin' && path === 'users')) await picture(page, path.replaceAll('/', '-'));
    }
    for (const path of EVERY.filter((other) => !PAGES[role].includes(other))) {
      await page.goto(`${house.url}/${path}`);
      await expect(page.getByText(/没有权限|无权|找不到|不在您的/).first(), `/${path} as ${role}`).toBeVisible();
    }
  });
}
