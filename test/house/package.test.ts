/**
 * What is published, and what is installed to make it. The build is not run: what it writes is computed from its own configuration,
 * and npm is asked what it would pack of that, of the repository's other files, and of what must never go along.
 */

import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const readJson = <Json>(path: string): Json => JSON.parse(readFileSync(join(root, path), 'utf8')) as Json;

interface Manifest {
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies?: object;
  readonly optionalDependencies?: object;
  readonly bundleDependencies?: unknown;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly peer?: boolean;
  readonly hasInstallScript?: boolean;
}

const manifest = readJson<Manifest>('package.json');

// ── what the build writes ───────────────────────────────────────────────────

function buildConfiguration(): ts.ParsedCommandLine {
  const path = join(root, 'tsconfig.build.json');
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, root, undefined, path);
}

const built = buildConfiguration();
/** What is declared only is read by the compiler and not written. */
const sources = built.fileNames.filter((file) => !file.endsWith('.d.ts'));
const outputs = sources
  .flatMap((file) => ts.getOutputFileNames({ ...built, fileNames: [file] }, file, false))
  .map((file) => relative(root, file));

// ── what npm packs ──────────────────────────────────────────────────────────

const ALWAYS = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
/** In the repository, or left lying about in it; nothing of this is for those who install the package. */
const NEVER = [
  '.env',
  '.npmrc',
  'SECURITY.md',
  'build/worker.zip',
  'handlers/app.ts',
  'infra/iam.yml',
  'package-lock.json',
  'src/index.ts',
  'test/unit/a.test.ts',
  'test/interop/recorded/fixtures/a.json',
  'tsconfig.json',
];

const FOLDERS = [
  'app',
  'backends',
  'canvas',
  'lambda',
  'large-messages',
  'ledgers',
  'local',
  'poller',
  'results',
  'schedulers',
  'signing',
  'testing',
  'transports',
  'wire',
  'worker',
];

let packed: readonly string[];

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'celeriac-package-'));
  try {
    for (const file of [...outputs, ...NEVER]) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), '');
    }
    for (const file of ALWAYS) copyFileSync(join(root, file), join(directory, file));
    const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'];
    const { stdout } = await promisify(execFile)('npm', args, { cwd: directory });
    const answer = JSON.parse(stdout) as Record<string, { readonly files: readonly { readonly path: string }[] }>;
    packed = Object.values(answer).flatMap(({ files }) => files.map(({ path }) => path));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 60_000);

describe('what is published', () => {
  it('is the library and four files beside it', () => {
    expect(manifest.files).toEqual(['dist', 'CHANGELOG.md']);
    expect([...packed].sort()).toEqual([...ALWAYS, ...outputs].sort());
  });

  it('is JavaScript and its types alone: no maps, no sources, no tests, no fixtures', () => {
    expect(outputs.filter((path) => !/^dist\/.+\.(js|d\.ts)$/.test(path))).toEqual([]);
    expect(outputs.filter((path) => /(^|[/.])(test|spec|fixtures?|__tests__)([/.]|$)/.test(path))).toEqual([]);
    expect(outputs).toHaveLength(2 * sources.length);
  });

  it('has these folders', () => {
    const folders = new Set(outputs.map((path) => path.split('/')[1]!).filter((name) => !name.includes('.')));
    expect([...folders].sort()).toEqual(FOLDERS);
  });

  it('has every file that package.json exports', () => {
    const named = Object.values(manifest.exports).flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)));
    expect(named.map((path) => path.replace('./', '')).filter((path) => !packed.includes(path))).toEqual([]);
  });
});

describe('installing the package', () => {
  it('brings nothing else: no dependency, and no peer that is not optional', () => {
    expect([manifest.dependencies, manifest.optionalDependencies, manifest.bundleDependencies]).toEqual([undefined, undefined, undefined]);
    const optional = Object.entries(manifest.peerDependenciesMeta).filter(([, meta]) => meta.optional === true);
    expect(optional.map(([name]) => name).sort()).toEqual(Object.keys(manifest.peerDependencies).sort());
  });

  it('runs nothing', () => {
    const onInstall = /^(pre|post)?(install|prepare|uninstall)$|^prepublish$|^dependencies$/;
    expect(Object.keys(manifest.scripts).filter((name) => onInstall.test(name))).toEqual([]);
  });

  it('is explained peer by peer in SECURITY.md', () => {
    const text = readFileSync(join(root, 'SECURITY.md'), 'utf8');
    const rows = [...text.matchAll(/^\| `([^`]+)` \| `([^`]+)` \|/gm)].map(([, name, range]) => [name, range]);
    expect(Object.fromEntries(rows)).toEqual(manifest.peerDependencies);
  });
});

describe('what the package is made with', () => {
  const locked = Object.entries(readJson<{ packages: Record<string, Locked> }>('package-lock.json').packages).filter(
    ([path]) => path !== '',
  );

  it('is pinned to the version', () => {
    expect(Object.entries(manifest.devDependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('is locked to its bytes, by a digest that is not broken', () => {
    expect(locked.length).toBeGreaterThan(Object.keys(manifest.devDependencies).length);
    expect(locked.filter(([, { integrity = '' }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)).map(([path]) => path)).toEqual([]);
  });

  it('comes from the registry of npm, and from nowhere else', () => {
    // Without an address it is the configured registry's, and the digest says whether it is the same.
    const elsewhere = locked.filter(([, { resolved, link }]) => link || !(resolved ?? NPM).startsWith(NPM));
    expect(elsewhere.map(([path]) => path)).toEqual([]);
    expect(readFileSync(join(root, '.npmrc'), 'utf8')).not.toMatch(/registry/);
  });

  it('is for development alone', () => {
    expect(
      locked.filter(([, { dev, devOptional, peer, optional }]) => !(dev || devOptional || peer || optional)).map(([path]) => path),
    ).toEqual([]);
  });

  it('runs scripts when it is installed only where package.json says so', () => {
    const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path.split('node_modules/').at(-1)!);
    expect([...new Set(scripted)].sort()).toEqual(Object.keys(manifest.allowScripts).sort());
  });
});

const NPM = 'https://registry.npmjs.org/';
