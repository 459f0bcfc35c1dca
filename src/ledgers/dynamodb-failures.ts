/** What went wrong in the ledger's table, in the names of our error tree. */

import { type AwsRequest, answerName, toGetFailure as toGet, toStoreFailure as toStore } from '../aws-failures.ts';
import type { CeleryError } from '../errors.ts';

export interface Request {
  /** The API's name of it, which is also the IAM permission's. */
  readonly action: string;
  readonly tableName: string;
}

export const isConditionFailure = (error: unknown): boolean => answerName(error) === 'ConditionalCheckFailedException';

export const toGetFailure = (error: unknown, request: Request): CeleryError => toGet(error, toAwsRequest(request));
export const toStoreFailure = (error: unknown, request: Request): CeleryError => toStore(error, toAwsRequest(request));

const toAwsRequest = ({ action, tableName }: Request): AwsRequest => ({
  permission: `dynamodb:${action}`,
  on: `table '${tableName}'`,
  hints: new Map([
    ['ResourceNotFoundException', "found no such table; create it with the string key 'id', or correct tableName or region."],
    ['AccessDeniedException', `was denied; the role needs dynamodb:${action}.`],
  ]),
});
