/** Packages copies of the service in a directory of the test's own, so that what `npm run package` made stays as it is. */

import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../infra/bundle.ts';
import { writeTemplate } from '../../infra/package.ts';
import type { Template } from './template.ts';

/** The CloudFormation template of the service, packaged in `serviceDir` from the zips of `buildDir`. */
export async function packageCopy(options: { serviceDir: string; buildDir: string; params?: Record<string, string> }): Promise<Template> {
  const { serviceDir } = options;
  await mkdir(join(serviceDir, 'infra'), { recursive: true });
  const files = (await readdir(join(root, 'infra'))).filter((file) => file.endsWith('.yml')).map((file) => join('infra', file));
  await Promise.all(['serverless.yml', ...files].map((file) => copyFile(join(root, file), join(serviceDir, file))));
  await writeTemplate(options);
  return JSON.parse(await readFile(join(serviceDir, '.serverless/cloudformation-template-update-stack.json'), 'utf8')) as Template;
}
