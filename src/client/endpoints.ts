/** Which nodes a client asks, and whom it asks next. */

/** `host:port` or an `http(s)` URL in its one spelling; null for anything else. */
export function parseEndpoint(written: string): string | null {
  const trimmed = written.trim();
  const text = /^https?:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isBare =
    url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "";
  return isBare && !trimmed.endsWith("?") && !trimmed.endsWith("#") ? url.origin : null;
}

/**
 * The endpoints in turn. Whoever answered last is asked first: nobody needs to know who leads, and
 * a dead node is not tried again by every call.
 */
export class Endpoints {
  readonly all: readonly string[];
  private turn = 0;

  /** **Errors**: `TypeError` for an endpoint that is none, or where there are none at all. */
  constructor(texts: readonly string[]) {
    const parsed = texts.map((text) => {
      const endpoint = parseEndpoint(text);
      if (endpoint === null) {
        throw new TypeError(`${JSON.stringify(text)} is no endpoint such as 127.0.0.1:8081`);
      }
      return endpoint;
    });
    this.all = [...new Set(parsed)];
    if (this.all.length === 0) throw new TypeError("a client needs at least one endpoint");
  }

  get current(): string {
    return this.all[this.turn % this.all.length] ?? "";
  }

  /** Away from `failed`; a call that comes late finds that another has already moved on. */
  leave(failed: string): void {
    if (this.current === failed) this.turn = (this.turn + 1) % this.all.length;
  }
}
