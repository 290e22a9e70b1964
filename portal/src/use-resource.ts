/** Remote data for a screen: fetched while the screen stands, dropped when it goes. */
import { type Inputs, useEffect, useMemo } from 'preact/hooks';
import type { Answer } from './problem.ts';
import { browserTimer, createResource, type Resource } from './resource.ts';

/** A resource that is made anew when `inputs` change. */
export function useResource<T>(
  load: (signal: AbortSignal) => Promise<Answer<T>>,
  inputs: Inputs,
  everyMs?: number,
): Resource<T> {
  const resource = useMemo(
    () => createResource(load, { timer: browserTimer, ...(everyMs === undefined ? {} : { everyMs }) }),
    inputs,
  );
  useEffect(() => () => resource.stop(), [resource]);
  return resource;
}
