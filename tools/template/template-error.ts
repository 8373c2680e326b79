/** The local gateway cannot read a part of template.yaml. The message says which. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';

  constructor(where: string, fault: string) {
    super(`template.yaml: ${where}: ${fault}`);
  }
}
