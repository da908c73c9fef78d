/** The top of the page: whose it is, the way to each panel, and how it is lit. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { shortened } from "../view/formats";
import { Choice } from "./choice";
import { usePage } from "./page-context";

const PANELS = [
  ["cluster", "Cluster"],
  ["chart", "Statechart"],
  ["timeline", "Time-line"],
  ["log", "Log"],
  ["load", "Load"],
  ["keys", "Keys"],
] as const;

const CLUSTER_ID_LENGTH = 9;

export function Masthead() {
  const { cluster, leader } = usePage();
  const status = cluster.status.value;
  const head = leader.value;
  useEffect(() => {
    document.title = head === null ? "No leader · Balsa" : `Node ${head.id} leads · Balsa`;
  }, [head?.id]);
  return (
    <header class="masthead">
      <div class="masthead-in">
        <h1>
          <Mark />
          Balsa
          {status !== null && (
            <span class="cluster-id" title={`Cluster ${status.cluster_id}`}>
              {shortened(status.cluster_id, CLUSTER_ID_LENGTH)}
            </span>
          )}
        </h1>
        <nav aria-label="Panels">
          {PANELS.map(([id, title]) => (
            <a key={id} href={`#${id}`}>
              {title}
            </a>
          ))}
        </nav>
        <Lighting />
      </div>
    </header>
  );
}

/** Three nodes, one of which leads. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M12 5 5 18.5M12 5l7 13.5M5 18.5h14" />
      <circle cx="12" cy="5" r="3.4" />
      <circle cx="5" cy="18.5" r="2.5" />
      <circle cx="19" cy="18.5" r="2.5" />
    </svg>
  );
}

type Theme = "auto" | "light" | "dark";
const THEME_KEY = "balsa-theme";
const themes = [
  { value: "auto", title: "Auto" },
  { value: "light", title: "Light" },
  { value: "dark", title: "Dark" },
] as const;

const kept = (): Theme => {
  const theme = localStorage.getItem(THEME_KEY);
  return theme === "light" || theme === "dark" ? theme : "auto";
};

function Lighting() {
  const theme = useSignal<Theme>(kept());
  useEffect(() => {
    document.documentElement.dataset.theme = theme.value;
  }, [theme.value]);
  const choose = (chosen: Theme) => {
    theme.value = chosen;
    localStorage.setItem(THEME_KEY, chosen);
  };
  return <Choice label="Theme" options={themes} chosen={theme.value} onChoose={choose} />;
}
