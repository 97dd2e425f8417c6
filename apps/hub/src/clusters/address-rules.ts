// Which addresses of spokes the operator allows, from the configuration.
import { blockListOf, type HubConfig } from '@wheelwright/platform-config';
import type { AddressRules } from '@wheelwright/registry';

/** Plain HTTP is taken for loopback only, and only where the operator allowed that network: simulated spokes on this machine. */
export function addressRulesOf({ allowedNetworks }: Pick<HubConfig, 'allowedNetworks'>): AddressRules {
  return { allowHttpLoopback: blockListOf(allowedNetworks).check('127.0.0.1', 'ipv4') };
}
