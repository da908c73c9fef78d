/** A real browser without a window, and a record of what it asked for and complained about. */
import { type Browser, chromium, type Page } from "playwright-core";

/** Where the browser is; null where this machine has none, which the tests that need it say. */
export const browserPath = Bun.which("chromium") ?? Bun.which("chromium-browser");
export const NO_BROWSER =
  "Chromium is missing: the page is not looked at (apt-get install chromium)";

export interface Look {
  readonly page: Page;
  /** What went wrong in the page, as the browser's console tells it. */
  readonly complaints: string[];
  /** Hosts that were asked for something. */
  readonly hosts: Set<string>;
}

export interface LookOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  /** Pixels a CSS pixel. */
  readonly scale?: number;
}

/** As root, as in a container, Chromium has no sandbox of its own to use. */
const FLAGS = ["--no-sandbox"];

/** Runs `story` with a browser that is closed at the end. Errors: there is none. */
export async function withBrowser(story: (browser: Browser) => Promise<void>): Promise<void> {
  if (browserPath === null) throw new Error(NO_BROWSER);
  const browser = await chromium.launch({ executablePath: browserPath, args: FLAGS });
  try {
    await story(browser);
  } finally {
    await browser.close();
  }
}

/** What `axe` has against a page as it is now, a line each. */
export async function barriersOf(page: Page): Promise<readonly string[]> {
  const axe = await Bun.file(Bun.fileURLToPath(import.meta.resolve("axe-core/axe.min.js"))).text();
  // By the debugger's way, which the page's own policy does not concern.
  await page.evaluate(axe);
  const found: { readonly violations: readonly { id: string; help: string }[] } =
    await page.evaluate("axe.run(document)");
  return found.violations.map(({ help, id }) => `${id}: ${help}`);
}

/** Opens a page, and listens from its first request on. */
export async function lookAt(
  browser: Browser,
  url: string,
  { colorScheme = "light", height = 900, scale = 1, width = 1360 }: LookOptions = {},
): Promise<Look> {
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme,
    deviceScaleFactor: scale,
  });
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complaints.push(String(error.stack ?? error)));
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto(url);
  return { page, complaints, hosts };
}
