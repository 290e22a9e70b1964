/** Billing: tariffs in, bills out, every line explained. */
export { renderBill, renderExplanation } from './bill-text.ts';
export type { Billing } from './billing.ts';
export { formatKwh, formatMoney } from './money.ts';
export { type BillingOptions, openBilling } from './open-billing.ts';
export { type RateSegment, rateSegments } from './rate-segments.ts';
export { rateBill } from './rating.ts';
export type { RatingInputs } from './rating-inputs.ts';
export { parseTariff } from './tariff-check.ts';
export { loadTariffs, readTariff } from './tariff-files.ts';
