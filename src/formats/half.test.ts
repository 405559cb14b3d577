import { describe, expect, it } from 'vitest';
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from './half';

describe('binary16', () => {
  it('gives every bit pattern back', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = halfToFloat(bits);
      if (Number.isNaN(value)) expect(halfToFloat(floatToHalf(value))).toBeNaN();
      else expect(floatToHalf(value)).toBe(bits);
    }
  });

  it('rounds halfway values to the even neighbour and others to the nearest', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const [low, high] = [halfToFloat(bits), halfToFloat(bits + 1)];
      const middle = (low + high) / 2;
      expect(floatToHalf(middle)).toBe(bits % 2 === 0 ? bits : bits + 1);
      // Float32 has 13 bits more, so these are the nearest to the middle on either side.
      expect(floatToHalf(Math.fround(middle - (high - low) * 2 ** -13))).toBe(bits);
      expect(floatToHalf(Math.fround(middle + (high - low) * 2 ** -13))).toBe(bits + 1);
    }
  });

  it('keeps zeros, infinities and the overflow of 65520', () => {
    expect(floatToHalf(-0)).toBe(0x8000);
    expect(floatToHalf(65519.99)).toBe(0x7bff);
    expect(floatToHalf(65520)).toBe(0x7c00);
    expect(floatToHalf(Number.NEGATIVE_INFINITY)).toBe(0xfc00);
  });
});

describe('bfloat16', () => {
  it('gives every bit pattern back', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = bfloatToFloat(bits);
      if (Number.isNaN(value)) expect(bfloatToFloat(floatToBfloat(value))).toBeNaN();
      else expect(floatToBfloat(value)).toBe(bits);
    }
  });

  it('rounds halfway values to the even neighbour', () => {
    for (let bits = 0; bits < 0x7f7f; bits++) {
      const middle = (bfloatToFloat(bits) + bfloatToFloat(bits + 1)) / 2;
      expect(floatToBfloat(middle)).toBe(bits % 2 === 0 ? bits : bits + 1);
    }
  });
});
