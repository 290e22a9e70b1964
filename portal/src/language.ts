/** A browser without a proper locale (a container's POSIX) names a language that Intl refuses; the plot library asks for it. */

try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-GB', configurable: true });
}
