/// Phrases as people read them: without a clause's ends, a choice as a/b, what may be left out in brackets, a gap as dots.

export const plainPhrase = (phrase: string): string =>
  phrase
    .replace(/[\^$]/g, '')
    .replace(/\[([^\]]*)\]/g, (_, inside: string) => {
      const ways = inside.split('|');
      const words = ways.filter((way) => way !== '').join('/');
      return ways.includes('') && words !== '' ? `(${words})` : words;
    })
    .replace(/\*+/g, '…');

/** The reason names what was heard, then the phrase, each in quotes, then what else was meant. A phrase that people would
 * not read as words, with choices or parts to leave out, is not told. */
export function plainReason(why: string): string {
  const [heard, phrase] = [...why.matchAll(/\u300c[^\u300d]*\u300d|"[^"]*"/g)];
  if (!heard || !phrase) return why;
  const plain = plainPhrase(phrase[0]);
  const rest = why.slice(phrase.index + phrase[0].length);
  if (!/[/(]/.test(plain)) return why.slice(0, phrase.index) + plain + rest;
  return why.slice(0, heard.index + heard[0].length) + rest.replace(/^[^;\uff1b]*/, '');
}
