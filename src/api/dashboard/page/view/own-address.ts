/** Under which address a page is at home. */

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * The host that a page loaded from `loaded` had better be loaded from, given the address that its
 * node announces; null where it is well where it is. The other nodes let a page ask them by the
 * address that its node has announced, and `localhost` is another name for that of one machine.
 */
export function betterHost(loaded: string, announced: string | null): string | null {
  if (announced === null || announced === loaded) return null;
  const [from, to] = [partsOf(loaded), partsOf(announced)];
  const isSameMachine = LOOPBACK.has(from.name) && LOOPBACK.has(to.name);
  return isSameMachine && from.port === to.port ? announced : null;
}

function partsOf(host: string) {
  const colon = host.lastIndexOf(":");
  return { name: host.slice(0, colon), port: host.slice(colon) };
}
