/** Where a node tells people what happened: one line for each turn of its life. */
export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFacts = Readonly<Record<string, string | number | boolean | null>>;
export type Logger = (level: LogLevel, message: string, facts?: LogFacts) => void;
