import { Injectable } from '@nestjs/common';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { registerWebsockets } from './handshake.js';

/** Mercurius, with our own limits on sockets. */
@Injectable()
export class HubGraphqlDriver extends MercuriusDriver {
  override async start(options: MercuriusDriverConfig): Promise<void> {
    await registerWebsockets(this.instance);
    await super.start(options);
  }
}
