import type { CreateServerConnection } from './server.ts';
export const createServerConnection: CreateServerConnection = () => { throw new Error('pending'); };
