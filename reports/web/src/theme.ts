// Light or dark: the system's choice until the reader makes one; a choice is kept where the
// browser lets a file keep one.
import { h } from './dom';

type Theme = 'light' | 'dark';
const key = 'assay-theme';

function stored(): Theme | null {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : null;
  } catch {
    return null;
  }
}

function current(): Theme {
  return (
    (document.documentElement.dataset.theme as Theme | undefined) ??
    (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  );
}

export function theme_button(): HTMLElement {
  const chosen = stored();
  if (chosen) document.documentElement.dataset.theme = chosen;
  const button = h('button', { type: 'button', class: 'quiet theme', title: 'Light or dark' });
  const label = () => {
    const other = current() === 'dark' ? 'light' : 'dark';
    button.textContent = current() === 'dark' ? '☀' : '☾';
    button.setAttribute('aria-label', `Switch to ${other}`);
  };
  label();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', label);
  button.addEventListener('click', () => {
    const next: Theme = current() === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem(key, next);
    } catch {
      // The choice then lasts as long as the page is open.
    }
    label();
  });
  return button;
}
