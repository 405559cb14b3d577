/** The ways to the large picture. */
export const METHODS = ['lua', 'bicubic', 'pixels'] as const;

/**
 * - `lua`: a latent upscaler (a LUA, or another network for latents), then one decode
 * - `bicubic`: bicubic in latent space, then one decode
 * - `pixels`: one decode, then the picture itself is enlarged
 */
export type Method = (typeof METHODS)[number];
