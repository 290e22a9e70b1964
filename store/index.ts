/** store: what is kept. Readings in ClickHouse, the registry in SQL, and the log that makes an acknowledgement true. */
export { type StoreErrorCode, storeErrors } from './errors.ts';
