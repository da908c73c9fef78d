/** Hands the page's model down to every panel. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { PageModel } from "../live/page-model";

const PageContext = createContext<PageModel | null>(null);

export const PageProvider = PageContext.Provider;

/** **Errors**: a panel that is drawn outside of the page. */
export function usePage(): PageModel {
  const page = useContext(PageContext);
  if (page === null) throw new Error("a panel stands outside of its page");
  return page;
}
