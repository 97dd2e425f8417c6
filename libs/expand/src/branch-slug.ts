// The name of a branch in, a text that fits a DNS label out: `branch_slug` and `target_branch_slug` of pull requests.

const LONGEST = 50;
/** Signs that become words or go before everything else becomes a dash; `_` is a dash. */
const WORDS: Readonly<Record<string, string>> = { _: '-', '&': 'and', '@': 'at', '"': '', "'": '', '’': '' };
/** Latin letters that are no plain letter with a mark, as they are written without them. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
};

/**
 * Lower-case letters, digits and single dashes, at most 50, cut at a dash where there is one. Marks fall off their letters (`é` is `e`); scripts
 * other than Latin become dashes, where Argo CD spells them in Latin letters.
 */
export function branchSlug(branch: string): string {
  const words = branch.trim().replace(/[_&@"'’]/g, (sign) => WORDS[sign] ?? '-');
  const plain = words
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[ßæœøđðþłı]/g, (letter) => LETTERS[letter] ?? '-');
  const slug = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  if (slug.length <= LONGEST) return slug;
  const dash = slug.lastIndexOf('-', LONGEST);
  return slug.slice(0, dash < 0 ? LONGEST : dash);
}
