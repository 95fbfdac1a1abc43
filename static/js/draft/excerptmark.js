/* Pure: which sentence of an excerpt says what a sentence of the draft says. */

const WORD = /[\p{L}\p{N}]+/gu;
const HAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** Beginnings of words, so that "charges" meets "charged"; single characters where words are not spaced. */
function stems(text) {
  const found = new Set();
  for (const word of text.toLowerCase().match(WORD) || []) {
    if (HAN.test(word)) for (const character of word) found.add(character);
    else if (word.length > 2 || /\d/.test(word)) found.add(word.slice(0, 6));
  }
  return found;
}

/** Index of the sentence that shares most with `said`; -1 if none does. Rare words count more than common ones. */
export function bestSentence(said, sentences) {
  const wanted = stems(said);
  const bags = sentences.map(stems);
  const inHowMany = (stem) => bags.filter((bag) => bag.has(stem)).length;
  let best = -1;
  let most = 0;
  bags.forEach((bag, at) => {
    let score = 0;
    for (const stem of wanted) if (bag.has(stem)) score += 1 / inHowMany(stem);
    if (score > most) [best, most] = [at, score];
  });
  return best;
}
