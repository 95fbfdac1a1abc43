/* Pure: which sentence of an excerpt supports a sentence of the draft. */

const WORD = /[\p{L}\p{N}]+/gu;
const HAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** Beginnings of words, so that "charges" matches "charged"; single characters in scripts without spaces. */
function stems(text) {
  const found = new Set();
  for (const word of text.toLowerCase().match(WORD) || []) {
    if (HAN.test(word)) for (const character of word) found.add(character);
    else if (word.length > 2 || /\d/.test(word)) found.add(word.slice(0, 6));
  }
  return found;
}

/** Index of the one of `sentences` that shares most words with `sentence`, -1 for none. A word counts 1 divided by the
    number of sentences that have it. */
export function bestSentence(sentence, sentences) {
  const wanted = stems(sentence);
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
