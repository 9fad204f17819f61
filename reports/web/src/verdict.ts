// How a verdict looks and reads. The glyph says what was observed, the fill says whether it was
// expected: a filled box is a surprise, an outlined one a deviation that is known and has a reason.
// So no verdict is told by its colour alone.
import type { Model, Result, Verdict } from './data';

export interface Look {
  glyph: string;
  kind: 'pass' | 'bad' | 'known' | 'surprise' | 'none';
  text: string; // for screen readers and tooltips
}

const observed_glyphs: Record<string, string> = {
  pass: '✓',
  fail: '✕',
  crash: '!',
  hang: '∞',
  'malformed reply': '?',
};

export const meanings: { verdict: Verdict; meaning: string }[] = [
  { verdict: 'pass', meaning: 'did what the sentence says' },
  { verdict: 'fail', meaning: 'answered, but wrongly' },
  { verdict: 'crash', meaning: 'died by a signal or left early' },
  { verdict: 'hang', meaning: 'did not answer in time' },
  { verdict: 'malformed reply', meaning: 'answered what no protocol allows' },
  { verdict: 'expected fail', meaning: 'a known deviation, with a reason' },
  { verdict: 'unexpected pass', meaning: 'a listed deviation that is gone' },
  { verdict: 'not supported', meaning: 'the implementation has no such thing' },
  { verdict: 'not here', meaning: 'this machine lacks what it needs' },
];

export function look_of(verdict: string, observed = ''): Look {
  switch (verdict) {
    case 'pass':
      return { glyph: '✓', kind: 'pass', text: 'pass' };
    case 'unexpected pass':
      return { glyph: '✓', kind: 'surprise', text: 'unexpected pass' };
    case 'expected fail': {
      const detail = observed && observed !== 'fail' ? ` (${observed})` : '';
      return {
        glyph: observed_glyphs[observed] ?? '✕',
        kind: 'known',
        text: `expected fail${detail}`,
      };
    }
    case 'not supported':
      return { glyph: '–', kind: 'none', text: 'not supported' };
    case 'not here':
      return { glyph: '·', kind: 'none', text: 'not here' };
    case '':
      return { glyph: '', kind: 'none', text: 'not run' };
    default:
      return { glyph: observed_glyphs[verdict] ?? '?', kind: 'bad', text: verdict };
  }
}

export function look_of_result(result: Result | undefined): Look {
  return result ? look_of(result.verdict, result.observed) : look_of('');
}

/** What was judged: everything that is neither unsupported, nor missing here, nor not run. */
export function judged(result: Result | undefined): result is Result {
  return !!result && result.verdict !== 'not supported' && result.verdict !== 'not here';
}

export function passed(result: Result | undefined): boolean {
  return result?.verdict === 'pass' || result?.verdict === 'unexpected pass';
}

/** Deviates from the spec, expected or not. */
export function deviates(result: Result | undefined): result is Result {
  return judged(result) && !passed(result);
}

export interface Count {
  judged: number;
  passed: number;
  surprises: number; // results that were not expected
}

export function count(model: Model, testee: string, slugs: Iterable<string>): Count {
  const total: Count = { judged: 0, passed: 0, surprises: 0 };
  for (const slug of slugs) {
    const result = model.result(testee, slug);
    if (!judged(result)) continue;
    total.judged += 1;
    if (passed(result)) total.passed += 1;
    if (!result.expected) total.surprises += 1;
  }
  return total;
}

const longest_seen = 240;

/** The reason of a known deviation; of another, the start of what was seen; of a pass nothing. */
export function reason_or_seen(result: Result): string {
  if (result.reason || passed(result)) return result.reason;
  // The place in the spec's source stands on the requirement's own page.
  const message = result.message.replace(/^\S+\.cc:\d+: (Failed\s+)?/, '');
  const seen = message.split('\n').slice(0, 3).join(' ').trim();
  return seen.length > longest_seen ? `${seen.slice(0, longest_seen)}…` : seen;
}
