import { attachmentRows } from './conformance/attachment-rows.js';
import { carriedRows } from './conformance/carried-rows.js';
import type { ConformanceClient } from './conformance/client.js';
import { cloneRows } from './conformance/clone-rows.js';
import { metadataRows } from './conformance/metadata-rows.js';
import { networkRows } from './conformance/network-rows.js';
import type { ConformanceRow } from './conformance/row.js';
import { serverRows } from './conformance/server-rows.js';
import { volumeRows } from './conformance/volume-rows.js';

/**
 * What a cloud of the 2022.2 release was seen to answer, as rows that run against anything that speaks the APIs:
 * the simulator in its own test, and a real cloud in the lab. The client is a plain member of a project that owns a
 * /24 network. Rows of different areas may run at the same time; those of `ports` want the same addresses.
 */
export const conformanceRows = (client: ConformanceClient): ConformanceRow[] => [
  ...volumeRows(client),
  ...metadataRows(client),
  ...attachmentRows(client),
  ...cloneRows(client),
  ...serverRows(client),
  ...networkRows(client),
  ...carriedRows(client),
];
