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

/** The reason names what was heard, then the phrase, each in quotes; only the phrase is rewritten. */
export function plainReason(why: string): string {
  let quoted = 0;
  return why.replace(/\u300c[^\u300d]*\u300d|"[^"]*"/g, (words) => ((quoted += 1) === 2 ? plainPhrase(words) : words));
}
