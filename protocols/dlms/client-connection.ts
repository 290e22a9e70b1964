import type { CreateClientConnection } from './client.ts';
export const createClientConnection: CreateClientConnection = () => { throw new Error('pending'); };
