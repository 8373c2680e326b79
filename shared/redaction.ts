const REDACTED = '[redacted]';

/** Keys whose value is never logged. */
const SECRET_KEY =
  /^(authorization|cookie|set-cookie|body|rawbody|password|newpassword|currentpassword|secret|.*token|.*secret|.*key|.*uri|signature|email)$/i;

/** Patterns of secrets inside a longer text, such as an error message. */
const SECRET_TEXT: readonly (readonly [RegExp, string])[] = [
  [/\b(mongodb(?:\+srv)?):\/\/[^\s"'<>]*/gi, `$1://${REDACTED}`],
  [/\bBearer\s+[^\s"',]+/gi, `Bearer ${REDACTED}`],
  [/\beyJ[\w-]*\.[\w-]*\.?[\w-]*/g, REDACTED],
  [/((?:\b|[?&#])(?:(?:CloudFront-)?(?:Signature|Policy|Key-Pair-Id)|X-Amz-[A-Za-z-]+)=)[^&;\s"']*/gi, `$1${REDACTED}`],
  [/([?&#]token=)[^&\s"']*/gi, `$1${REDACTED}`],
];

/**
 * A replacer for `JSON.stringify` that removes secrets from a log line, by key and by pattern. It is the second line of
 * defence; the first is not to log them.
 */
export function redact(key: string, value: unknown): unknown {
  if (key !== '' && SECRET_KEY.test(key) && value !== undefined && value !== null) return REDACTED;
  if (typeof value !== 'string') return value;
  return SECRET_TEXT.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), value);
}
