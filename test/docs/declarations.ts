/** What the source declares, read by the compiler's own parser: members of interfaces, texts of unions, keys of tables. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { readFile, root } from './markdown.ts';

/** Names of an interface's own members. */
export function membersOf(file: string, name: string): string[] {
  const found = declarationsIn(file).find(
    (node): node is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(node) && node.name.text === name,
  );
  return required(found, file, name).members.flatMap(({ name: member }) => (member && ts.isIdentifier(member) ? [member.text] : []));
}

/** The texts in an interface's `extends`, like the names it picks from another. */
export function pickedBy(file: string, name: string): string[] {
  const found = declarationsIn(file).find(
    (node): node is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(node) && node.name.text === name,
  );
  return (required(found, file, name).heritageClauses ?? []).flatMap(textsIn);
}

/** The texts given to a function of that name, wherever it is called in the file. */
export function argumentsOf(file: string, name: string): string[] {
  const calls = declarationsIn(file)
    .flatMap(nodesIn)
    .filter((node): node is ts.CallExpression => ts.isCallExpression(node) && node.expression.getText() === name);
  return required(calls.length > 0 ? calls : undefined, file, name).flatMap((call) => call.arguments.flatMap(textsIn));
}

/**
 * What tests are called in a file: texts that a function is given or a case begins with, and those under `name`. What is expected of
 * something is none.
 */
export function titlesIn(file: string): ReadonlySet<string> {
  const isTitle = (node: ts.Node, { parent }: ts.Node = node): boolean =>
    (ts.isCallExpression(parent) && /^(it|test|describe)\b/.test(parent.expression.getText())) ||
    (ts.isArrayLiteralExpression(parent) && ts.isArrayLiteralExpression(parent.parent) && parent.elements[0] === node) ||
    (ts.isPropertyAssignment(parent) && parent.name.getText() === 'name');
  const texts = declarationsIn(file).flatMap(nodesIn).filter(ts.isStringLiteralLike);
  return new Set(texts.filter((node) => isTitle(node)).map(({ text }) => text));
}

/** The texts of a union type. */
export function textsOf(file: string, name: string): string[] {
  const found = declarationsIn(file).find(
    (node): node is ts.TypeAliasDeclaration => ts.isTypeAliasDeclaration(node) && node.name.text === name,
  );
  return textsIn(required(found, file, name));
}

/** The first text of each pair in a table of pairs. */
export function firstTexts(file: string, name: string): string[] {
  const found = declarationsIn(file)
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find((declaration) => declaration.name.getText() === name);
  const pairs = nodesIn(required(found?.initializer, file, name)).filter(ts.isArrayLiteralExpression);
  return pairs.flatMap(({ elements: [first] }) => (first && ts.isStringLiteral(first) ? [first.text] : []));
}

/** Texts given to a property `code` anywhere in the files of a folder. */
export function codesIn(folder: string): string[] {
  const files = readdirSync(join(root, folder), { encoding: 'utf8', recursive: true }).filter((file) => file.endsWith('.ts'));
  const nodes = files.flatMap((file) => declarationsIn(`${folder}/${file}`).flatMap(nodesIn));
  const codes = nodes.filter((node): node is ts.PropertyAssignment => ts.isPropertyAssignment(node) && node.name.getText() === 'code');
  return codes.flatMap(({ initializer }) => (ts.isStringLiteral(initializer) ? [initializer.text] : []));
}

const declarationsIn = (file: string): readonly ts.Statement[] =>
  ts.createSourceFile(file, readFile(file), ts.ScriptTarget.Latest, true).statements;

const textsIn = (node: ts.Node): string[] => nodesIn(node).flatMap((each) => (ts.isStringLiteral(each) ? [each.text] : []));

/** The node and all within it. */
function nodesIn(node: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = [node];
  node.forEachChild((child) => void nodes.push(...nodesIn(child)));
  return nodes;
}

function required<T>(found: T | undefined, file: string, name: string): T {
  if (found === undefined) throw new Error(`${file} declares no '${name}'.`);
  return found;
}
