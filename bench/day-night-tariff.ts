/** The tariff of the meters that benches build: two rates, changed twice a day. */
const everyDay = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export const dayNightTariff = {
  id: 'DAY-NIGHT',
  zone: 'Europe/London',
  rates: [
    { rate: 1, name: 'Day', tiers: [] },
    { rate: 2, name: 'Night', tiers: [] },
  ],
  calendar: [
    { days: everyDay, from: '00:00', rate: 2 },
    { days: everyDay, from: '07:00', rate: 1 },
  ],
} as const;
