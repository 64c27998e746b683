/// Every page of every role: the menu names exactly the pages of the role, direct addresses do not open what is not
/// theirs, and each page is masked, cheap and accessible in light and dark.
import { expect, test, type Role } from './house';
import { expectSound, picture, visit } from './looks';
import { demo, talkative } from './shown';

const MENU: Record<Role, string[]> = {
  admin: ['users', 'trunks', 'edges', 'alerts', 'audit', 'system'],
  operator: ['campaigns', 'contacts', 'groups', 'blacklist', 'leads', 'scripts', 'labels', 'calls', 'reports', 'trunks', 'alerts'],
  scripter: ['scripts', 'labels', 'calls'],
  agent: ['leads', 'calls'],
  viewer: ['campaigns', 'contacts', 'groups', 'blacklist', 'leads', 'scripts', 'labels', 'calls', 'reports', 'users', 'trunks', 'edges', 'alerts', 'audit', 'system'],
};
const EVERY = MENU.viewer;
/** Pages under another page, and who may open them. */
const UNDER: Record<string, Role[]> = { 'campaigns/new': ['operator'], 'contacts/import': ['operator', 'viewer'] };

for (const role of Object.keys(MENU) as Role[]) {
  test(`${role} sees the pages of the role and no others`, async ({ house, signedIn }) => {
    const page = await signedIn(role);
    await expect(page.locator('nav.bb-sider a').first()).toBeVisible();
    const hrefs = await page.locator('nav.bb-sider a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    expect(hrefs).toEqual(MENU[role].map((path) => `/${path}`));
    await expect(page.locator('nav.bb-sider')).toHaveJSProperty('scrollTop', 0);
    expect(await page.locator('nav.bb-sider').evaluate((sider) => sider.scrollHeight <= sider.clientHeight), 'the menu fits').toBe(true);

    await talkative(house);
    for (const path of MENU[role]) {
      const worked = await visit(page, `${house.url}/${path}`);
      await expectSound(page, `/${path} as ${role}`, worked);
      if (role === 'viewer' || (role === 'admin' && path === 'users')) await picture(page, path);
    }

    const { campaign, script } = await demo(house);
    const contact = await talkative(house);
    const details = { [`campaigns/${campaign.id}`]: 'campaigns', [`contacts/${contact.id}`]: 'contacts', [`scripts/${script.id}`]: 'scripts' };
    const refused = [
      ...EVERY.filter((path) => !MENU[role].includes(path)),
      ...Object.keys(UNDER).filter((path) => !UNDER[path]?.includes(role)),
      ...Object.keys(details).filter((path) => !MENU[role].includes(details[path] ?? '')),
    ];
    for (const path of refused) {
      await page.goto(`${house.url}/${path}`);
      await expect(page.getByRole('heading', { name: '您的角色无权查看这个页面' }), `/${path} as ${role}`).toBeVisible();
    }
  });
}
