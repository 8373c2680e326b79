/** Something in template.yaml that the local gateway cannot understand. Says where. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';

  constructor(where: string, fault: string) {
    super(`template.yaml: ${where}: ${fault}`);
  }
}
