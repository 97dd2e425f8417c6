import { Module } from '@nestjs/common';
import { Catalogue } from './catalogue.js';

/** Provides the {@link Catalogue}. */
@Module({ providers: [{ provide: Catalogue, useFactory: () => new Catalogue() }], exports: [Catalogue] })
export class IntentModule {}
