// The evidence of one cell, in a dialog at the side.
import { command } from './copy';
import type { Model, Requirement, Result, Testee } from './data';
import {
  duration,
  evidence_href,
  h,
  implementation_href,
  outside_link,
  requirement_href,
} from './dom';
import type { Cell } from './matrix';
import { level_badge, stamp, verdict_stamp } from './stamp';
import { draw_transcript } from './transcript';
import { judged, look_of_result } from './verdict';
import { short_version } from './version';

export interface Evidence {
  open(testee: string, slug: string): void;
  close(): void;
  readonly element: HTMLDialogElement;
}

export interface EvidenceHooks {
  /** The requirements that the previous and next buttons walk through. */
  order(): string[];
  /** The dialog was closed by the reader. */
  closed(): void;
  /** The reader moved to another cell, in place of this one. */
  moved(cell: Cell): void;
  /** A cell at a point behind the dialog; a click there goes to it. */
  cell_at(x: number, y: number): Cell | null;
}

function field(name: string, ...content: (Node | string | null)[]): HTMLElement {
  return h('div', { class: 'field' }, h('dt', {}, name), h('dd', {}, ...content));
}

export function claim_list(model: Model, ids: string[]): HTMLElement | string {
  if (ids.length === 0) return 'none; the requirement goes beyond the notes';
  return h(
    'ul',
    { class: 'plain' },
    ids.map((id) => {
      const claim = model.claim.get(id);
      return h(
        'li',
        {},
        h('a', { href: `#/claims/${id}`, class: 'slug' }, id),
        claim ? ` ${claim.claim}` : null,
      );
    }),
  );
}

export function source_list(requirement: Requirement): HTMLElement {
  return h(
    'ul',
    { class: 'plain' },
    requirement.source.map((source) => h('li', {}, outside_link(source.text, source.url))),
  );
}

function expectation(result: Result): HTMLElement | null {
  if (!judged(result)) return null;
  if (result.verdict === 'expected fail') {
    return field('Expectation', h('p', {}, 'Known deviation: ', result.reason));
  }
  if (result.verdict === 'unexpected pass') {
    return field(
      'Expectation',
      h(
        'p',
        {},
        'A listed deviation is gone; the list is out of date. It says: ',
        h('q', {}, result.reason),
      ),
    );
  }
  if (!result.expected)
    return field('Expectation', h('p', {}, 'A pass was expected; nothing lists this deviation.'));
  return null;
}

function no_evidence(testee: Testee, result: Result | undefined): string {
  if (result?.verdict === 'not here') {
    if (testee.here) return `Not judged, because this machine lacks something: ${result.message}.`;
    const what = testee.missing || result.message || 'a program';
    return `Nothing was run: ${what} is missing on this machine.`;
  }
  if (result?.verdict === 'not supported')
    return 'Nothing was run: the testee says that it has no such thing.';
  return 'Nothing was run for this pair in the recorded results.';
}

function content(
  model: Model,
  testee: Testee,
  requirement: Requirement,
  result: Result | undefined,
): Node[] {
  const version = testee.version && short_version(testee.implementation, testee.version);
  const look = look_of_result(result);
  const parts: (Node | null)[] = [
    h(
      'p',
      { class: 'verdict-line' },
      stamp(look),
      result && judged(result)
        ? h('span', { class: 'muted' }, ` in ${duration(result.duration_ms)}`)
        : null,
    ),
    h('h2', { id: 'evidence-title', tabindex: -1 }, requirement.sentence),
    h(
      'p',
      { class: 'subject' },
      h('a', { href: implementation_href(testee.name) }, testee.implementation),
      version ? h('span', { class: 'muted' }, ` ${version}`) : null,
      h('span', { class: 'muted' }, ` · ${testee.language}`),
    ),
    requirement.erratum
      ? h(
          'div',
          { class: 'erratum', role: 'note' },
          h('b', {}, 'The notes are wrong here. '),
          requirement.erratum,
        )
      : null,
  ];
  const fields = h(
    'dl',
    { class: 'fields' },
    result ? expectation(result) : null,
    field(
      'Requirement',
      h('a', { href: requirement_href(requirement.slug), class: 'slug' }, requirement.slug),
      ' ',
      level_badge(requirement.level),
    ),
    field('Source', source_list(requirement)),
    field('Claims', claim_list(model, requirement.covers)),
  );
  parts.push(fields);
  if (!result || !judged(result)) {
    parts.push(h('p', { class: 'empty' }, no_evidence(testee, result)));
  } else {
    if (result.message)
      parts.push(
        h('h3', {}, 'What was seen'),
        h('pre', { class: 'message', tabindex: 0 }, result.message),
      );
    parts.push(h('h3', {}, 'Exchange'), draw_transcript(result.transcript));
    if (result.reproduce) parts.push(h('h3', {}, 'Reproduce'), command(result.reproduce));
  }
  return parts.filter((part): part is Node => part !== null);
}

export function create_evidence(model: Model, hooks: EvidenceHooks): Evidence {
  const body = h('div', { class: 'evidence-body' });
  const previous = h(
    'button',
    { type: 'button', class: 'quiet', title: 'Previous requirement (k)' },
    '↑ Previous',
  );
  const next = h(
    'button',
    { type: 'button', class: 'quiet', title: 'Next requirement (j)' },
    '↓ Next',
  );
  const close = h(
    'button',
    { type: 'button', class: 'quiet close', title: 'Close (Esc)' },
    'Close',
  );
  const element = h(
    'dialog',
    { class: 'evidence', 'aria-labelledby': 'evidence-title' },
    h('header', {}, previous, next, close),
    body,
  );
  let shown: Cell | null = null;

  function draw(testee_name: string, slug: string): boolean {
    const testee = model.testee.get(testee_name);
    const requirement = model.requirement.get(slug);
    if (!testee || !requirement) return false;
    shown = { testee: testee_name, slug };
    body.replaceChildren(...content(model, testee, requirement, model.result(testee_name, slug)));
    body.scrollTop = 0;
    const order = hooks.order();
    const at = order.indexOf(slug);
    previous.disabled = at <= 0;
    next.disabled = at < 0 || at >= order.length - 1;
    return true;
  }

  function move(by: number): void {
    const order = hooks.order();
    const slug = shown && order[order.indexOf(shown.slug) + by];
    if (!shown || !slug || !draw(shown.testee, slug)) return;
    hooks.moved({ testee: shown.testee, slug });
  }

  previous.addEventListener('click', () => move(-1));
  next.addEventListener('click', () => move(1));
  close.addEventListener('click', () => element.close());
  element.addEventListener('close', () => {
    shown = null;
    hooks.closed();
  });
  element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'j') move(1);
    if (event.key === 'k') move(-1);
  });
  // Only the backdrop itself is hit outside the dialog's box.
  element.addEventListener('click', (event) => {
    const box = element.getBoundingClientRect();
    const inside =
      event.clientX >= box.left &&
      event.clientX < box.right &&
      event.clientY >= box.top &&
      event.clientY < box.bottom;
    if (inside || event.detail === 0) return;
    const cell = hooks.cell_at(event.clientX, event.clientY);
    if (cell && draw(cell.testee, cell.slug)) hooks.moved(cell);
    else element.close();
  });

  return {
    element,
    open(testee, slug) {
      if (!draw(testee, slug)) return;
      if (!element.open) element.showModal();
      body.querySelector<HTMLElement>('#evidence-title')?.focus();
    },
    close() {
      if (element.open) element.close();
    },
  };
}

/** A row of links to the evidence of one requirement, for the pages that list results. */
export function evidence_link(
  testee: string,
  slug: string,
  result: Result | undefined,
): HTMLElement {
  const look = look_of_result(result);
  return h(
    'a',
    {
      href: evidence_href(testee, slug),
      class: 'to-evidence',
      'aria-label': `${look.text}: open the evidence`,
    },
    verdict_stamp(result?.verdict ?? '', result?.observed),
  );
}
