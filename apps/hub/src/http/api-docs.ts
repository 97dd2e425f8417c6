// The description of the REST API: one document, its page, and the bytes that are committed.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

const DOCS_PATH = 'api/docs';

/** Describes every route of the application. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Wheelwright')
    .setDescription(
      'Registers spokes and takes declarations. Errors are problem+json (RFC 9457). Fleet status is served by GraphQL at /graphql.',
    )
    .setVersion('1')
    .addBearerAuth()
    .build();
  return SwaggerModule.createDocument(app, config);
}

/** Serves the page at `/api/docs` and the document at `/api/docs/openapi.json`, both public: they describe the hub and hold nothing of it. */
export function serveApiDocs(app: NestFastifyApplication): void {
  SwaggerModule.setup(DOCS_PATH, app, () => describeApi(app), {
    jsonDocumentUrl: `${DOCS_PATH}/openapi.json`,
    yamlDocumentUrl: `${DOCS_PATH}/openapi.yaml`,
  });
}
