/** Where the page begins: it listens to the cluster, and draws what it hears. */
import { render } from "preact";
import { PageModel } from "./live/page-model";
import { PageProvider } from "./panels/page-context";
import { Page } from "./panels/page-frame";

const place = document.getElementById("page");
if (place === null) throw new Error("the document has no place for the page");

const { layoutWorker = "", members = "" } = document.body.dataset;
const page = new PageModel(members.split(" ").filter(Boolean), layoutWorker);
page.start();
render(
  <PageProvider value={page}>
    <Page />
  </PageProvider>,
  place,
);
