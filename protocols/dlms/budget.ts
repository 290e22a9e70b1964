/**
 * What one message may cost, whoever sent it. Every decoder passes over each octet at most twice, so with these bounds a message
 * stays within some tens of milliseconds and within 64 MB.
 */
export const messageBudget = {
  /** Octets of one APDU or transfer put together: what a client gathers at most. */
  octets: 1 << 24,
  /** Octets that a frame tree is made of: a tree is for people, and a node costs more than a value. */
  treeOctets: 1 << 17,
  /** Containers within containers; companion profiles need about eight. */
  depth: 32,
  /** Values that are built: compact-arrays unfold to more values than they have octets. */
  elements: 1 << 17,
} as const;
