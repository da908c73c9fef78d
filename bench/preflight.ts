/** Looks, before anything is started, whether all that a run needs is installed. */

/** A program, and the Debian package that brings it. */
export interface Requirement {
  readonly program: string;
  readonly debianPackage: string;
}

const needs = (debianPackage: string, ...programs: readonly string[]): readonly Requirement[] =>
  programs.map((program) => ({ program, debianPackage }));

/** What every scenario may ask for. */
export const REQUIREMENTS: readonly Requirement[] = [
  ...needs("etcd-server", "etcd"),
  ...needs("redis-server", "redis-server"),
  ...needs("redis-tools", "redis-benchmark", "redis-cli"),
  ...needs("wrk", "wrk"),
];
/** One line for people where something is missing, else null. */
export function whatIsMissing(
  requirements: readonly Requirement[],
  isInstalled: (program: string) => boolean,
): string | null {
  const missing = requirements.filter(({ program }) => !isInstalled(program));
  if (missing.length === 0) return null;
  const programs = [...new Set(missing.map(({ program }) => program))].join(", ");
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))].join(" ");
  return `missing: ${programs}; install: apt-get install ${packages}`;
}

/** One line for people where data would lie in memory, in which a sync costs nothing; else null. */
export const whyNoDisk = (folder: string, fileSystem: string): string | null =>
  fileSystem === "tmpfs" || fileSystem === "ramfs"
    ? `${folder} is in memory, where fdatasync costs nothing; set TMPDIR to a folder on a disk`
    : null;

export const isOnPath = (program: string) => Bun.which(program) !== null;
