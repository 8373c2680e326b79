import path from 'node:path';
import { readParameters, readTemplate } from '../../tools/template/read-template.ts';
import { type Resource, type Resources, readStack } from '../support/contract/resources.ts';

const root = path.resolve(import.meta.dirname, '../..');

const main = readStack('template.yaml');
const logs = readStack('media-monitoring.yaml');

function only(resources: Resources, type: string): Resource {
  const [found, ...others] = Object.values(resources).filter(({ Type }) => Type === type);
  if (found === undefined || others.length > 0) throw new Error(`There is not one ${type}`);
  return found;
}

interface Statement {
  readonly Effect: string;
  readonly Principal: unknown;
  readonly Action: unknown;
  readonly Resource: unknown;
  readonly Condition: unknown;
}

function statementsOf(resources: Resources): readonly Statement[] {
  const { PolicyDocument } = only(resources, 'AWS::S3::BucketPolicy').Properties;
  return (PolicyDocument as { readonly Statement: readonly Statement[] }).Statement;
}

const PRIVATE = {
  PublicAccessBlockConfiguration: {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  },
  OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
  BucketEncryption: expect.anything(),
};

describe.each([
  ['the media', main.Resources],
  ['their logs', logs.Resources],
])('the bucket of %s', (_, resources) => {
  it('is private, encrypted, and retained when its stack is deleted', () => {
    expect(only(resources, 'AWS::S3::Bucket')).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: PRIVATE,
    });
  });

  it('is reachable only over TLS', () => {
    const [bucket] = Object.entries(resources).find(([, { Type }]) => Type === 'AWS::S3::Bucket') ?? [];
    expect(statementsOf(resources)).toContainEqual({
      Sid: expect.any(String),
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [{ 'Fn::GetAtt': [bucket, 'Arn'] }, { 'Fn::Sub': `\${${bucket}.Arn}/*` }],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });
});

describe('the bucket of the media', () => {
  const { Properties } = only(main.Resources, 'AWS::S3::Bucket');

  it('keeps replaced and deleted objects for a while, and aborts incomplete uploads', () => {
    expect(Properties['VersioningConfiguration']).toEqual({ Status: 'Enabled' });
    expect(Properties['LifecycleConfiguration']).toMatchObject({
      Rules: [
        { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
        { Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 30 } },
      ],
    });
  });

  it('can be read only by the distribution, and listed by nobody', () => {
    expect(statementsOf(main.Resources).filter(({ Effect }) => Effect === 'Allow')).toEqual([
      {
        Sid: expect.any(String),
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: 's3:GetObject',
        Resource: { 'Fn::Sub': `\${MediaBucket.Arn}/*` },
        Condition: {
          StringEquals: {
            'AWS:SourceArn': { 'Fn::Sub': expect.stringMatching(/:distribution\/\$\{MediaDistribution\}$/) },
          },
        },
      },
    ]);
  });

  it('answers preflights, which S3 refuses without CORS', () => {
    expect(Properties['CorsConfiguration']).toMatchObject({
      CorsRules: [{ AllowedMethods: ['GET', 'HEAD'], AllowedHeaders: expect.arrayContaining(['Range']) }],
    });
  });
});

interface Behaviour {
  readonly PathPattern?: string;
  readonly TrustedKeyGroups?: readonly unknown[];
  readonly ResponseHeadersPolicyId: { readonly Ref: string };
}

const distribution = only(main.Resources, 'AWS::CloudFront::Distribution').Properties['DistributionConfig'] as {
  readonly DefaultCacheBehavior: Behaviour;
  readonly CacheBehaviors: readonly Behaviour[];
};

describe('the distribution', () => {
  const behaviours = [distribution.DefaultCacheBehavior, ...distribution.CacheBehaviors];

  it('serves only courses/* without a signature', () => {
    expect(distribution.DefaultCacheBehavior.TrustedKeyGroups).toEqual([{ Ref: 'MediaKeyGroup' }]);
    const open = distribution.CacheBehaviors.filter(({ TrustedKeyGroups }) => TrustedKeyGroups === undefined);
    expect(open.map(({ PathPattern }) => PathPattern)).toEqual(['courses/*']);
  });

  it('supports HTTP/2, HTTP/3 and IPv6, over TLS only', () => {
    expect(distribution).toMatchObject({ HttpVersion: 'http2and3', IPV6Enabled: true });
    for (const behaviour of behaviours) expect(behaviour).toMatchObject({ ViewerProtocolPolicy: 'https-only' });
  });

  it('allows only reads, and forwards CORS headers to S3', () => {
    for (const behaviour of behaviours) {
      expect(behaviour).toMatchObject({
        AllowedMethods: ['GET', 'HEAD', 'OPTIONS'],
        // Managed-CachingOptimized, whose cache key has no query, and Managed-CORS-S3Origin.
        CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
        OriginRequestPolicyId: '88a5eaf4-2fd4-4709-b370-b4c650ea3fcf',
      });
    }
  });

  it('signs its requests to the bucket', () => {
    expect(distribution).toMatchObject({
      Origins: [
        {
          DomainName: { 'Fn::GetAtt': ['MediaBucket', 'RegionalDomainName'] },
          OriginAccessControlId: { Ref: 'MediaOriginAccess' },
        },
      ],
    });
    expect(only(main.Resources, 'AWS::CloudFront::OriginAccessControl').Properties).toMatchObject({
      OriginAccessControlConfig: { SigningBehavior: 'always', SigningProtocol: 'sigv4' },
    });
  });

  it.each([
    ['with a signature', distribution.DefaultCacheBehavior],
    ['for everybody', distribution.CacheBehaviors[0]],
  ])('lets web players request ranges and read the range headers, %s', (_, behaviour) => {
    expect(headersOf(behaviour)).toMatchObject({
      CorsConfig: {
        OriginOverride: true,
        AccessControlAllowHeaders: { Items: expect.arrayContaining(['Range']) },
        AccessControlExposeHeaders: { Items: ['Accept-Ranges', 'Content-Length', 'Content-Range', 'ETag'] },
      },
      SecurityHeadersConfig: { ContentTypeOptions: { Override: true }, StrictTransportSecurity: { Override: true } },
    });
  });

  it('accepts credentials only from named origins', () => {
    expect(headersOf(distribution.DefaultCacheBehavior)).toMatchObject({
      CorsConfig: {
        AccessControlAllowCredentials: { 'Fn::If': ['HasAllowedOrigins', true, false] },
        AccessControlAllowOrigins: {
          Items: { 'Fn::If': ['HasAllowedOrigins', { 'Fn::Split': [',', { Ref: 'AllowedOrigins' }] }, ['*']] },
        },
      },
    });
    expect(headersOf(distribution.CacheBehaviors[0])).toMatchObject({
      CorsConfig: { AccessControlAllowCredentials: false, AccessControlAllowOrigins: { Items: ['*'] } },
    });
  });

  function headersOf(behaviour: Behaviour | undefined): unknown {
    return main.Resources[behaviour?.ResponseHeadersPolicyId.Ref ?? '']?.Properties['ResponseHeadersPolicyConfig'];
  }
});

describe('the keys that verify signatures', () => {
  it.each(['A', 'B'])('include the key of slot %s if its parameter has one', (slot) => {
    expect(main.Conditions[`HasMediaKey${slot}`]).toEqual({
      'Fn::Not': [{ 'Fn::Equals': [{ Ref: `MediaPublicKey${slot}` }, 'none'] }],
    });
    expect(main.Resources[`MediaKey${slot}`]).toMatchObject({
      Type: 'AWS::CloudFront::PublicKey',
      Condition: `HasMediaKey${slot}`,
      Properties: { PublicKeyConfig: { EncodedKey: { Ref: `MediaPublicKey${slot}` } } },
    });
    const { KeyGroupConfig } = only(main.Resources, 'AWS::CloudFront::KeyGroup').Properties;
    expect((KeyGroupConfig as { readonly Items: unknown }).Items).toContainEqual({
      'Fn::If': [`HasMediaKey${slot}`, { Ref: `MediaKey${slot}` }, { Ref: 'AWS::NoValue' }],
    });
  });

  it('are published after they are deployed, for npm run keys and for the functions that sign, which exist later', () => {
    const ids = only(main.Resources, 'AWS::SSM::Parameter');
    expect(ids.Properties['Name']).toEqual({ 'Fn::Sub': `\${ParameterPrefix}/\${Environment}/media-key-pair-ids` });
    expect(ids.DependsOn).toEqual(['MediaKeyGroup', 'MediaDistribution']);
    for (const signer of ['MediaUrlFunction', 'PodcastFunction']) {
      expect(main.Resources[signer]?.DependsOn).toBe('MediaKeyPairIds');
    }
    const { 'Fn::Sub': parts } = ids.Properties['Value'] as { readonly 'Fn::Sub': readonly [string, unknown] };
    expect(JSON.parse(parts[0])).toEqual({ a: `\${A}`, b: `\${B}` });
  });
});

describe('the media URL', () => {
  const baseUrls = (parameters: Readonly<Record<string, string>>) =>
    readTemplate(path.join(root, 'template.yaml'), { parameters }).functions.flatMap(
      ({ environment }) => environment['MEDIA_BASE_URL'] ?? [],
    );

  it('is the distribution, or the custom domain if there is one with a certificate', () => {
    expect(new Set(baseUrls({}))).toEqual(new Set(['https://mediadistribution.invalid']));
    const MediaCertificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/1';
    expect(new Set(baseUrls({ MediaDomain: 'media.example.com', MediaCertificateArn }))).toEqual(
      new Set(['https://media.example.com']),
    );
  });

  it('is an output of the stack', () => {
    expect(Object.keys(main.Outputs)).toEqual(
      expect.arrayContaining(['MediaUrl', 'MediaBucketName', 'MediaDistributionId']),
    );
  });
});

describe('the access log of the media', () => {
  it('is not of a kind that logs queries, which contain signatures', () => {
    expect(distribution).not.toHaveProperty('Logging');
    expect(Object.values(main.Resources).map(({ Type }) => Type)).not.toContain('AWS::CloudFront::RealtimeLogConfig');
  });

  it('lists its fields, without queries, cookies, client headers and addresses', () => {
    const { RecordFields } = only(logs.Resources, 'AWS::Logs::Delivery').Properties;
    const fields = RecordFields as readonly string[];
    expect(fields).toEqual(expect.arrayContaining(['cs-uri-stem', 'sc-status', 'x-edge-request-id']));
    expect(fields.filter((field) => /query|cookie|\(|^c-|forwarded|referer|user-agent|headers?$/i.test(field))).toEqual(
      [],
    );
  });

  it('belongs to the distribution of its environment, and is deleted after 30 days', () => {
    expect(only(logs.Resources, 'AWS::Logs::DeliverySource').Properties).toMatchObject({
      LogType: 'ACCESS_LOGS',
      ResourceArn: { 'Fn::Sub': expect.stringMatching(/:distribution\/\$\{MediaDistributionId\}$/) },
    });
    expect(only(logs.Resources, 'AWS::S3::Bucket').Properties['LifecycleConfiguration']).toMatchObject({
      Rules: [{ Status: 'Enabled', ExpirationInDays: { Ref: 'LogRetentionDays' } }],
    });
    const parameters = readParameters(path.join(root, 'media-monitoring.yaml'), { MediaDistributionId: 'E1' });
    expect(parameters.find(({ name }) => name === 'LogRetentionDays')?.value).toBe(30);
  });

  it('can be written only by the log delivery service, and read by no service', () => {
    expect(statementsOf(logs.Resources).filter(({ Effect }) => Effect === 'Allow')).toMatchObject([
      { Principal: { Service: 'delivery.logs.amazonaws.com' }, Action: 's3:PutObject' },
    ]);
  });
});
