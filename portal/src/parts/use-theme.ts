/** Tells canvas drawings when the colours around them change. */
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** A text that changes whenever the colours of an element's surroundings do. */
export function useTheme(element: RefObject<HTMLElement>): string {
  const [theme, setTheme] = useState('');
  useEffect(() => {
    const look = () => {
      if (element.current) setTheme(getComputedStyle(element.current).color);
    };
    look();
    const observer = new MutationObserver(look);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const device = matchMedia('(prefers-color-scheme: dark)');
    device.addEventListener('change', look);
    return () => {
      observer.disconnect();
      device.removeEventListener('change', look);
    };
  }, [element]);
  return theme;
}

/** Colours of tokens as the canvas needs them: resolved at the place of an element. */
export function resolveColours(element: HTMLElement, tokens: readonly string[]): ReadonlyMap<string, string> {
  const probe = document.createElement('span');
  element.append(probe);
  const colours = new Map<string, string>();
  for (const token of tokens) {
    probe.style.color = `var(${token})`;
    colours.set(token, getComputedStyle(probe).color);
  }
  probe.remove();
  return colours;
}
