import type { Series } from './metrics.ts';

/*
 * The part of CloudWatch's metric math that template.yaml uses ("Using math expressions with CloudWatch metrics"). An
 * operation of two series has a value where both have one. SUM, MIN and MAX of an array of series give a series, with
 * the values that there are.
 */

type Value = Series | number;
type Argument = Value | readonly Value[];

/**
 * Evaluates an expression for these minutes.
 * @param values of the ids in it
 */
export function evaluate(expression: string, values: Readonly<Record<string, Value>>, minutes: readonly number[]) {
  const tokens = expression.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|>=|<=|==|!=|[-+*/<>(),[\]]/g) ?? [];
  let next = 0;
  const peek = () => tokens[next];
  const take = (expected?: string) => {
    const token = tokens[next];
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw new Error(`${expression}: ${expected ?? 'more'} is missing before ${token ?? 'the end'}`);
    }
    next += 1;
    return token;
  };

  const binary = (operators: readonly string[], operand: () => Value) => (): Value => {
    let left = operand();
    while (operators.includes(peek() ?? '')) left = combine(take(), left, operand(), minutes);
    return left;
  };
  const list = (end: string): Argument[] => {
    const items: Argument[] = [];
    while (peek() !== end) {
      if (items.length > 0) take(',');
      items.push(argument());
    }
    take(end);
    return items;
  };
  const argument = (): Argument => {
    if (peek() !== '[') return disjunction();
    take('[');
    return list(']') as readonly Value[];
  };
  const primary = (): Value => {
    const token = take();
    if (/^\d/.test(token)) return Number(token);
    if (token === '(') {
      const inner = disjunction();
      take(')');
      return inner;
    }
    if (peek() !== '(') {
      const value = values[token];
      if (value === undefined) throw new Error(`${expression}: there is no ${token}`);
      return value;
    }
    take('(');
    return call(token, list(')'), minutes);
  };
  const product = binary(['*', '/'], primary);
  const sum = binary(['+', '-'], product);
  const comparison = binary(['>=', '<=', '==', '!=', '>', '<'], sum);
  const conjunction = binary(['AND'], comparison);
  const disjunction = binary(['OR'], conjunction);

  const result = disjunction();
  if (next < tokens.length) throw new Error(`${expression}: ${peek()} is not understood`);
  return asSeries(result, minutes);
}

const OPERATIONS: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '>=': (left, right) => Number(left >= right),
  '<=': (left, right) => Number(left <= right),
  '==': (left, right) => Number(left === right),
  '!=': (left, right) => Number(left !== right),
  '>': (left, right) => Number(left > right),
  '<': (left, right) => Number(left < right),
  AND: (left, right) => Number(left !== 0 && right !== 0),
  OR: (left, right) => Number(left !== 0 || right !== 0),
};

function combine(operator: string, left: Value, right: Value, minutes: readonly number[]): Value {
  const operation = OPERATIONS[operator];
  if (operation === undefined) throw new Error(`There is no operator ${operator}`);
  if (typeof left === 'number' && typeof right === 'number') return operation(left, right);
  const [one, other] = [asSeries(left, minutes), asSeries(right, minutes)];
  return seriesOf(minutes, (minute) => {
    const [a, b] = [one.get(minute), other.get(minute)];
    const value = a === undefined || b === undefined ? Number.NaN : operation(a, b);
    // A division by zero has no value.
    return Number.isFinite(value) ? value : undefined;
  });
}

function call(name: string, args: readonly Argument[], minutes: readonly number[]): Value {
  const [first, second, third] = args;
  if (name === 'FILL' && isValue(first) && typeof second === 'number') {
    const series = asSeries(first, minutes);
    return seriesOf(minutes, (minute) => series.get(minute) ?? second);
  }
  if (name === 'IF' && isValue(first) && isValue(second) && isValue(third)) {
    const [condition, yes, no] = [first, second, third].map((value) => asSeries(value, minutes));
    return seriesOf(minutes, (minute) => (condition?.get(minute) ? yes?.get(minute) : no?.get(minute)));
  }
  const reduce = { SUM: sumOf, MIN: minOf, MAX: maxOf }[name];
  if (reduce === undefined || first === undefined || isValue(first)) throw new Error(`${name} is not understood`);
  const series = first.map((value) => asSeries(value, minutes));
  return seriesOf(minutes, (minute) => {
    const present = series.flatMap((each) => each.get(minute) ?? []);
    return present.length === 0 ? undefined : reduce(present);
  });
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
const minOf = (numbers: readonly number[]) => Math.min(...numbers);
const maxOf = (numbers: readonly number[]) => Math.max(...numbers);

function isValue(argument: Argument | undefined): argument is Value {
  return argument !== undefined && !Array.isArray(argument);
}

function asSeries(value: Value, minutes: readonly number[]): Series {
  return typeof value === 'number' ? seriesOf(minutes, () => value) : value;
}

function seriesOf(minutes: readonly number[], valueAt: (minute: number) => number | undefined): Series {
  return new Map(
    minutes.flatMap((minute) => {
      const value = valueAt(minute);
      return value === undefined ? [] : [[minute, value] as const];
    }),
  );
}
