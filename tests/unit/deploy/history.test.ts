import type { Deployment } from '../../../tools/deploy/traffic/deployment.ts';
import { findPredecessor } from '../../../tools/deploy/traffic/history.ts';

/** Successful deployments in this order: `1>2` deploys version 2, `2<1` rolls back from 2 to 1. */
function deployments(...moves: readonly string[]): readonly Deployment[] {
  return moves.map((move, index) => {
    const [from = '', to = ''] = move.split(/[<>]/);
    return {
      ...{
        id: `d-${index}`,
        status: 'Succeeded',
        from,
        to,
        createdAt: new Date(index),
        isRollback: move.includes('<'),
      },
      ...{ configName: null, error: null, rolledBackBy: null },
    };
  });
}

const predecessor = (live: string, ...moves: readonly string[]) =>
  findPredecessor(deployments(...moves), live)?.version;

describe('the version that was live before', () => {
  it('is the one that the last deployment replaced', () => {
    expect(predecessor('3', '1>2', '2>3')).toBe('2');
    expect(findPredecessor(deployments('1>2', '2>3'), '3')?.replacedBy.id).toBe('d-1');
  });

  it('goes one further back with each rollback', () => {
    expect(predecessor('2', '1>2', '2>3', '3<2')).toBe('1');
    expect(predecessor('1', '1>2', '2>3', '3<2', '2<1')).toBeUndefined();
  });

  it('is never one that was rolled back', () => {
    expect(predecessor('2', '1>2', '2>3', '3<2', '2>4', '4<2')).toBe('1');
    expect(predecessor('4', '1>2', '2>3', '3<2', '2>4')).toBe('2');
  });

  it('is never one that CodeDeploy refused', () => {
    // The refused deployment itself did not succeed, so the history has only its rollback.
    expect(predecessor('2', '1>2', '3<2')).toBe('1');
    expect(predecessor('2', '3<2')).toBeUndefined();
  });

  it('may be the same version as further back', () => {
    expect(predecessor('1', '1>2', '2>1')).toBe('2');
  });

  it('is known after something else moved the alias', () => {
    expect(predecessor('4', '1>2', '3>4')).toBe('3');
  });

  it('is unknown if the history does not have the live version', () => {
    expect(predecessor('7', '1>2')).toBeUndefined();
    expect(predecessor('1')).toBeUndefined();
  });

  it('does not depend on the order of the list', () => {
    const all = deployments('1>2', '2>3');
    expect(findPredecessor([...all].reverse(), '3')?.version).toBe('2');
  });
});
