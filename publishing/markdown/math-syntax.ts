import { mathFromMarkdown } from 'mdast-util-math';
import type { Code, Construct, Effects, State, TokenizeContext } from 'micromark-util-types';
import type { Processor } from 'unified';

/*
 * Formulas in Markdown: `$x$`, `` $`x`$ `` and `$$x$$` in a text, and `$$` around lines. remark-math reads these too, but
 * takes the prices in `$5 or $6` for a formula, and the rest of the text for one where `$$a` and `b$$` are on different
 * lines. So the tokens are those of remark-math, and so are the nodes that come of them.
 */

declare module 'micromark-util-types' {
  interface TokenTypeMap {
    mathFlow: 'mathFlow';
    mathFlowFence: 'mathFlowFence';
    mathFlowFenceSequence: 'mathFlowFenceSequence';
    mathFlowValue: 'mathFlowValue';
    mathText: 'mathText';
    mathTextData: 'mathTextData';
    mathTextSequence: 'mathTextSequence';
  }
}

const DOLLAR = '$'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const BACKTICK = '`'.charCodeAt(0);

/** Adds formulas to the parser. */
export function remarkFormulas(this: Processor): void {
  const data = this.data();
  data.micromarkExtensions ??= [];
  data.fromMarkdownExtensions ??= [];
  data.micromarkExtensions.push({ flow: { [DOLLAR]: MATH_FLOW }, text: { [DOLLAR]: MATH_TEXT } });
  data.fromMarkdownExtensions.push(mathFromMarkdown());
}

const MATH_FLOW: Construct = { name: 'mathFlow', concrete: true, tokenize: tokenizeFlow };
const MATH_TEXT: Construct = { name: 'mathText', tokenize: tokenizeText, previous: (code) => code !== DOLLAR };

/** From `$$` at the start of a line to `$$` at the end of this or a later line. */
function tokenizeFlow(this: TokenizeContext, effects: Effects, ok: State, nok: State): State {
  const lazy = () => this.parser.lazy[this.now().line] === true;
  let dollars = 0;
  /** Whether the first line has nothing but the dollars. Only then may there be blank lines. */
  let isFence: boolean | undefined;
  let isBlank = true;
  let isEmpty = true;

  return (code) => {
    effects.enter('mathFlow');
    effects.enter('mathFlowFence');
    effects.enter('mathFlowFenceSequence');
    return open(code);
  };

  function open(code: Code): State | undefined {
    if (code === DOLLAR && dollars < 2) {
      dollars++;
      effects.consume(code);
      return open;
    }
    if (dollars < 2 || code === DOLLAR) return nok(code);
    effects.exit('mathFlowFenceSequence');
    effects.exit('mathFlowFence');
    return lineStart(code);
  }

  function lineStart(code: Code): State | undefined {
    isBlank = true;
    if (code === DOLLAR || isEnd(code)) return inLine(code);
    effects.enter('mathFlowValue');
    return value(code);
  }

  function value(code: Code): State | undefined {
    if (code === DOLLAR || isEnd(code)) {
      effects.exit('mathFlowValue');
      return inLine(code);
    }
    if (!isSpace(code)) {
      isBlank = false;
      isEmpty = false;
    }
    effects.consume(code);
    return code === BACKSLASH ? escaped : value;
  }

  function escaped(code: Code): State | undefined {
    if (isEnd(code)) return value(code);
    effects.consume(code);
    return value;
  }

  function inLine(code: Code): State | undefined {
    if (code === null) return nok(code);
    if (code === DOLLAR) return effects.attempt(CLOSING, closed, dollar)(code);
    isFence ??= isBlank;
    return isBlank && !isFence ? nok(code) : lineEnding(code);
  }

  /** A dollar inside of the formula, as in `\text{$x$}`. Two of them with text behind are not a formula of this kind. */
  function dollar(code: Code): State | undefined {
    isBlank = false;
    isEmpty = false;
    effects.enter('mathFlowValue');
    effects.consume(code);
    return (next) => (next === DOLLAR ? nok(next) : value(next));
  }

  function lineEnding(code: Code): State | undefined {
    effects.enter('lineEnding');
    effects.consume(code);
    effects.exit('lineEnding');
    return (next) => (lazy() ? nok(next) : lineStart(next));
  }

  function closed(code: Code): State | undefined {
    effects.exit('mathFlow');
    return isEmpty ? nok(code) : ok(code);
  }
}

/** `$$` at the end of a line. */
const CLOSING: Construct = {
  partial: true,
  tokenize(effects, ok, nok) {
    let dollars = 0;
    return (code) => {
      effects.enter('mathFlowFence');
      effects.enter('mathFlowFenceSequence');
      return sequence(code);
    };

    function sequence(code: Code): State | undefined {
      if (code === DOLLAR) {
        dollars++;
        effects.consume(code);
        return sequence;
      }
      if (dollars !== 2) return nok(code);
      effects.exit('mathFlowFenceSequence');
      if (isSpace(code)) {
        effects.enter('whitespace');
        return space(code);
      }
      return end(code);
    }

    function space(code: Code): State | undefined {
      if (isSpace(code)) {
        effects.consume(code);
        return space;
      }
      effects.exit('whitespace');
      return end(code);
    }

    function end(code: Code): State | undefined {
      if (!isEnd(code)) return nok(code);
      effects.exit('mathFlowFence');
      return ok(code);
    }
  },
};

/**
 * A formula in a text. As in Pandoc, one between single dollars neither starts nor ends with a space, and no digit
 * follows it; nor does a letter, as in `$HOME:$PATH`, unless the formula is one letter (`$n$th`) or has a command.
 */
function tokenizeText(this: TokenizeContext, effects: Effects, ok: State, nok: State): State {
  /** The dollars, and a backtick if there is one. */
  let opening = '';
  let content = '';
  const unclosed = UNCLOSED.get(this) ?? new Set<string>();
  UNCLOSED.set(this, unclosed);

  return (code) => {
    effects.enter('mathText');
    effects.enter('mathTextSequence');
    return open(code);
  };

  function open(code: Code): State | undefined {
    if (code === DOLLAR && opening.length < 2) {
      opening += '$';
      effects.consume(code);
      return open;
    }
    if (code === DOLLAR) return nok(code);
    if (code === BACKTICK && opening === '$') {
      opening += '`';
      effects.consume(code);
      return start;
    }
    return start(code);
  }

  function start(code: Code): State | undefined {
    effects.exit('mathTextSequence');
    if (unclosed.has(opening)) return nok(code);
    return opening === '$' && (isSpace(code) || isEnd(code)) ? nok(code) : between(code);
  }

  function between(code: Code): State | undefined {
    if (code === null) {
      if (opening !== '$') unclosed.add(opening);
      return nok(code);
    }
    if (isEnd(code)) {
      content += '\n';
      effects.enter('lineEnding');
      effects.consume(code);
      effects.exit('lineEnding');
      return between;
    }
    if (code === DOLLAR || code === BACKTICK) return effects.attempt(closing(), closed, notClosing)(code);
    effects.enter('mathTextData');
    return data(code);
  }

  function notClosing(code: Code): State | undefined {
    // A dollar ends a formula between single ones in any case. A backtick starts code, in which a dollar is a dollar.
    if (opening === '$') return nok(code);
    effects.enter('mathTextData');
    add(code);
    return data;
  }

  function data(code: Code): State | undefined {
    if (isEnd(code) || code === DOLLAR || code === BACKTICK) {
      effects.exit('mathTextData');
      return between(code);
    }
    add(code);
    return code === BACKSLASH ? escaped : data;
  }

  function escaped(code: Code): State | undefined {
    if (isEnd(code)) return data(code);
    add(code);
    return data;
  }

  function add(code: Code): void {
    if (code !== null && code >= 0) content += String.fromCharCode(code);
    else content += ' ';
    effects.consume(code);
  }

  function closing(): Construct {
    let matched = 0;
    const sequence = [...opening].reverse().join('');
    return {
      partial: true,
      tokenize: (inner, yes, no) => {
        return (code) => {
          inner.enter('mathTextSequence');
          return next(code);
        };
        function next(code: Code): State | undefined {
          if (matched < sequence.length) {
            if (code !== sequence.charCodeAt(matched)) return no(code);
            matched++;
            inner.consume(code);
            return next;
          }
          inner.exit('mathTextSequence');
          return opening !== '$' || canEnd(content, code) ? yes(code) : no(code);
        }
      },
    };
  }

  function closed(code: Code): State | undefined {
    effects.exit('mathText');
    return content.trim() === '' ? nok(code) : ok(code);
  }
}

/**
 * The ways to open a formula that no text behind closes, by the text that is read. They are looked for once, so that a
 * text with many of them is not read again for each.
 */
const UNCLOSED = new WeakMap<TokenizeContext, Set<string>>();

function canEnd(content: string, next: Code): boolean {
  if (/\s$/.test(content)) return false;
  const isCommand = content.includes('\\');
  const following = next === null || next < 0 ? ' ' : String.fromCharCode(next);
  if (/[0-9$]/.test(following)) return isCommand && following !== '$';
  return !/[A-Za-z]/.test(following) || isCommand || content.length === 1;
}

function isSpace(code: Code): boolean {
  return code === -2 || code === -1 || code === 32;
}

function isEnd(code: Code): boolean {
  return code === null || (code < -2 && code !== null);
}
