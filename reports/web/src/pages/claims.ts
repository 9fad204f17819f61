// What the notes say, whether it is true, and which requirements say so.
import type { Claim, Model } from '../data';
import { h, plural, requirement_href } from '../dom';
import { data_table } from '../table';

const truths: Record<string, { glyph: string; kind: string }> = {
  true: { glyph: '✓', kind: 'pass' },
  false: { glyph: '✕', kind: 'bad' },
  depends: { glyph: '≈', kind: 'known' },
};

function truth(claim: Claim): HTMLElement {
  const word = claim.truth.toLowerCase();
  const look = truths[word] ?? { glyph: '?', kind: 'none' };
  return h(
    'span',
    { class: `stamp ${look.kind}` },
    h('span', { class: `mark ${look.kind}`, 'aria-hidden': 'true' }, look.glyph),
    word,
  );
}

function row(claim: Claim): HTMLTableRowElement {
  return h(
    'tr',
    { id: `claim-${claim.id}` },
    h('th', { scope: 'row', class: 'slug' }, claim.id),
    h('td', {}, claim.claim),
    h('td', {}, truth(claim)),
    h('td', {}, claim.observed),
    h(
      'td',
      {},
      claim.covered_by.length
        ? h(
            'ul',
            { class: 'plain' },
            claim.covered_by.map((slug) =>
              h('li', {}, h('a', { href: requirement_href(slug), class: 'slug' }, slug)),
            ),
          )
        : h('span', { class: 'muted' }, claim.no_test || 'no requirement'),
    ),
  );
}

export function draw_claims(model: Model, id: string): HTMLElement {
  const claims = model.results.claims ?? [];
  const by = (word: string) => claims.filter((claim) => claim.truth.toLowerCase() === word).length;
  const page = h(
    'article',
    { class: 'page wide' },
    h('h1', { tabindex: -1 }, 'Claims of the notes'),
    h('p', { class: 'lead' }, 'What the study notes say, in our words, held against real systems.'),
  );
  if (claims.length === 0) {
    page.append(h('p', { class: 'empty' }, 'The results hold no claims.'));
    return page;
  }
  const only = h(
    'select',
    { id: 'truth-filter' },
    h('option', { value: '' }, `all ${claims.length}`),
    ['true', 'false', 'depends'].map((word) =>
      h('option', { value: word }, `${word} (${by(word)})`),
    ),
  );
  const said = h('output', { class: 'said', 'aria-live': 'polite' });
  const rows = claims.map((claim) => ({ claim, element: row(claim) }));
  function apply(): void {
    for (const { claim, element } of rows)
      element.hidden = only.value !== '' && claim.truth.toLowerCase() !== only.value;
    said.textContent = plural(rows.filter((r) => !r.element.hidden).length, 'claim');
  }
  only.addEventListener('change', apply);
  apply();
  page.append(
    h(
      'form',
      { class: 'controls', onsubmit: (event: Event) => event.preventDefault() },
      h('label', { for: 'truth-filter' }, 'Truth'),
      only,
      said,
    ),
    data_table(
      ['Id', 'Claim', 'Truth', 'Observed', 'Covered by'],
      rows.map((each) => each.element),
      { class: 'claims' },
    ),
  );
  const wanted = rows.find((r) => r.claim.id === id)?.element;
  if (wanted) {
    wanted.classList.add('wanted');
    requestAnimationFrame(() => wanted.scrollIntoView({ block: 'center' }));
  }
  return page;
}
