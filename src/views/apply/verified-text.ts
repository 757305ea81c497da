import type { Verified } from '../../apply/handler.js';
import { formatBytes } from '../../model/format.js';
import { OUTSIDE, powerText } from '../../plan/sync/verification.js';

/** What stands behind the word identical: `1,024 blocks compared, a fault of 1 % is found with 99.99 %: identical`. */
export function verifiedText(verified: Verified): string {
  switch (verified.mode) {
    case 'off':
      return '';
    case 'full':
      return ', all of it compared with the snapshot: identical';
    case 'sample': {
      const { copiedBytes, blocks, of } = verified;
      const parts = [
        copiedBytes === 0 ? '' : `${formatBytes(copiedBytes)} read back`,
        blocks === 0 ? '' : powerText(blocks, of, copiedBytes === 0 ? '' : OUTSIDE),
      ];
      return `, ${parts.filter((part) => part !== '').join(', ')}: identical`;
    }
  }
}
