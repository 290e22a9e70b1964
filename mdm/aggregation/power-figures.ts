/** Figures of power that bills and planners ask for, out of energies over the same period. */

/** Power factor from active and reactive energy: kWh / sqrt(kWh^2 + kvarh^2); null when both are 0. */
export function powerFactor(activeWh: number, reactiveVarh: number): number | null {
  const apparent = Math.hypot(activeWh, reactiveVarh);
  return apparent === 0 ? null : Math.abs(activeWh) / apparent;
}

/** Mean power over maximum demand, 0 to 1; null without demand. */
export function loadFactor(energyWh: number, maximumDemandW: number, hours: number): number | null {
  return maximumDemandW > 0 && hours > 0 ? energyWh / hours / maximumDemandW : null;
}

/** Delivered less received of the same slots (`net`), and each slot's excess by direction (`gross`), Wh. */
export function netAndGross(
  delivered: Float64Array,
  received: Float64Array,
): { readonly netWh: number; readonly importedWh: number; readonly exportedWh: number } {
  let importedWh = 0;
  let exportedWh = 0;
  for (let slot = 0; slot < delivered.length; slot++) {
    const net = (delivered[slot] as number) - (received[slot] ?? 0);
    if (net > 0) importedWh += net;
    else exportedWh -= net;
  }
  return { netWh: importedWh - exportedWh, importedWh, exportedWh };
}
