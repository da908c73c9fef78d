/**
 * Transitions that do nothing, for events that are known and mean nothing in a state. XState drops
 * unknown events in silence, so what is ignored on purpose is said; a test walks states × events.
 */
export function ignoring<Type extends string>(
  ...types: readonly Type[]
): Record<Type, Record<string, never>> {
  return Object.fromEntries(types.map((type) => [type, {}])) as Record<Type, Record<string, never>>;
}
