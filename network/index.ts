/** network: the Link contract and its carriers. */
export * from './link.ts';
export * from './memory.ts';
export * from './tcp.ts';
