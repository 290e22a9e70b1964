/** Light or dark: as the device has it, or as the person chose and the browser remembers. */
import { signal } from '@preact/signals';

export type ThemeChoice = 'system' | 'light' | 'dark';

const storageKey = 'wattline-theme';

/** What the person chose. */
export const themeChoice = signal<ThemeChoice>(readChoice());

/** Chooses, remembers and shows. */
export function chooseTheme(choice: ThemeChoice): void {
  themeChoice.value = choice;
  showTheme();
  try {
    if (choice === 'system') localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, choice);
  } catch {
    // A browser that keeps nothing still shows the choice until the page is left.
  }
}

/** Puts the choice where the style sheet sees it. */
export function showTheme(): void {
  const root = document.documentElement;
  if (themeChoice.value === 'system') delete root.dataset.theme;
  else root.dataset.theme = themeChoice.value;
}

function readChoice(): ThemeChoice {
  try {
    const kept = localStorage.getItem(storageKey);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    return 'system';
  }
}
