import { useAwsStandIn } from './stand-in.ts';

/** The account of the credentials in tests. */
export const TEST_ACCOUNT = '123456789012';

/** Lets a test file find out its account, as the Security Token Service tells it. Call it once, at the top of the file. */
export function useAwsAccount(): void {
  useAwsStandIn('AWS_ENDPOINT_URL_STS', ({ body }) => {
    if (!String(body).includes('Action=GetCallerIdentity')) return { status: 400, body: '<ErrorResponse/>' };
    return {
      body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::${TEST_ACCOUNT}:user/operator</Arn>
    <UserId>AIDAEXAMPLE</UserId>
    <Account>${TEST_ACCOUNT}</Account>
  </GetCallerIdentityResult>
</GetCallerIdentityResponse>`,
    };
  });
}
