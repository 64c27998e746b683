/// No full mobile number is anywhere in the page: not in its words, its tooltips, its fields, its title or its address.
import { expect, type Page } from '@playwright/test';

/** Eleven digits from 13 to 19, bare, with a country code, or in groups. */
const FULL = /(?<![\d.])(?:(?:\+|00)?86[ \-]?)?1[3-9]\d(?:[ .\-\u00b7]?\d){8}(?![\d.]*\d)/g;

export const fullNumbers = (text: string): string[] => text.match(FULL) ?? [];

export async function expectMasked(page: Page) {
  const texts = await page.evaluate(() => {
    const found = [document.title, location.href, document.body.innerText];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) found.push(walk.currentNode.nodeValue ?? '');
    for (const element of document.querySelectorAll('*')) {
      if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) found.push(element.value);
      if (element instanceof SVGElement) continue;
      for (const { name, value } of element.attributes) if (name !== 'style') found.push(value);
    }
    return found;
  });
  const full = texts.flatMap((text) => text.split(/[\n\t]/)).flatMap(fullNumbers);
  expect([...new Set(full)], `full numbers on ${page.url()}`).toEqual([]);
}
