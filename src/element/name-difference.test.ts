import { expect, it } from 'vitest';
import { nameDifference } from './name-difference';

const left = { label: 'Bicubic' };
const right = { label: 'LUA' };

it('says of what it is the difference, and how much brighter', () => {
  expect(nameDifference({ left, right })).toEqual({
    label: 'Bicubic − LUA',
    note: 'difference, 4 times as bright',
  });
  expect(nameDifference({ left, right: { label: '' } })).toEqual({
    label: 'Difference',
    note: '4 times as bright',
  });
});

it('waits for both pictures', () => {
  const { label, note } = nameDifference({ left, right: { ...right, rough: true } });
  expect([label, note]).toEqual(['Difference needs both pictures', undefined]);
});
