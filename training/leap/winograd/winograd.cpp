// 3x3 convolutions with zero padding of one, by Winograd's F(4x4, 3x3): 36 multiply-adds make a tile of 4 x 4 results,
// where the plain sum takes 144. Formulas and matrices: Lavin and Gray, arXiv 1509.09308, section 4.3 (A, B, G below).
//
// Pictures are [batch, height, width, channels], channels innermost, and channels are a multiple of LANES. What was
// transformed is [36, rows, channels], a matrix for each of the 36 frequencies. A chunk of tiles at a time is
// transformed, multiplied and transformed back, so that it stays in the core's cache.

#include <algorithm>
#include <cstdint>
#include <vector>

namespace {

constexpr int64_t LANES = 16;
constexpr int64_t FREQUENCIES = 36;

// Tiles of a chunk: 36 * 40 * (96 + 96) floats are 1.1 MB, of 2 MB of cache.
constexpr int64_t CHUNK = 40;

// Floats between two frequencies beyond their values. Without them, 36 streams whose distances are multiples of 4 KiB
// would share few lines of the cache.
constexpr int64_t PAD = 16;

typedef float Lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float))));

inline Lanes take(const float *from) { return *reinterpret_cast<const Lanes *>(from); }
inline void put(float *to, Lanes values) { *reinterpret_cast<Lanes *>(to) = values; }

// The one-dimensional transforms. `s` and `t` are the distances between elements of what is read and written.

// The four frequencies between the first and the last: of the points 1 and -1, then of 2 and -2, or their inverses.
inline void pair_up(Lanes even, Lanes odd, Lanes far, Lanes near, Lanes *o, int t) {
  o[t] = even + odd;
  o[2 * t] = even - odd;
  o[3 * t] = far + near;
  o[4 * t] = far - near;
}

// B^T d: six inputs to six frequencies.
struct Inputs {
  static constexpr int SIDE = 6, LEAD = 1;
  static void apply(const Lanes *d, int s, Lanes *o, int t) {
    const Lanes even = d[4 * s] - 4.f * d[2 * s], odd = d[3 * s] - 4.f * d[s];
    const Lanes far = d[4 * s] - d[2 * s], near = 2.f * (d[3 * s] - d[s]);
    o[0] = 4.f * d[0] - 5.f * d[2 * s] + d[4 * s];
    pair_up(even, odd, far, near, o, t);
    o[5 * t] = 4.f * d[s] - 5.f * d[3 * s] + d[5 * s];
  }
};

// A y: four gradients of results to six frequencies, the adjoint of `leave`.
struct Gradients {
  static constexpr int SIDE = 4, LEAD = 0;
  static void apply(const Lanes *y, int s, Lanes *o, int t) {
    const Lanes even = y[0] + y[2 * s], odd = y[s] + y[3 * s];
    const Lanes far = y[0] + 4.f * y[2 * s], near = 2.f * y[s] + 8.f * y[3 * s];
    o[0] = y[0];
    pair_up(even, odd, far, near, o, t);
    o[5 * t] = y[3 * s];
  }
};

// A^T m: six frequencies to four results.
inline void leave(const Lanes *m, int s, Lanes *o, int t) {
  const Lanes even = m[s] + m[2 * s], odd = m[s] - m[2 * s];
  const Lanes far = m[3 * s] + m[4 * s], near = m[3 * s] - m[4 * s];
  o[0] = m[0] + even + far;
  o[t] = odd + 2.f * near;
  o[2 * t] = even + 4.f * far;
  o[3 * t] = odd + 8.f * near + m[5 * s];
}

// G g: three weights to six frequencies.
inline void widen(const Lanes *g, int s, Lanes *o, int t) {
  const Lanes ends = (g[0] + g[2 * s]) * (-1.f / 6), middle = g[s] * (-1.f / 6);
  const Lanes far = g[0] * (1.f / 24) + g[2 * s] * (1.f / 6), near = g[s] * (1.f / 12);
  o[0] = g[0] * (1.f / 4);
  pair_up(ends, middle, far, near, o, t);
  o[5 * t] = g[2 * s];
}

// G^T u: six frequencies to three gradients of weights, the adjoint of `widen`.
inline void narrow(const Lanes *u, int s, Lanes *o, int t) {
  const Lanes even = u[s] + u[2 * s], odd = u[2 * s] - u[s];
  const Lanes far = u[3 * s] + u[4 * s], near = u[3 * s] - u[4 * s];
  o[0] = u[0] * (1.f / 4) - even * (1.f / 6) + far * (1.f / 24);
  o[t] = odd * (1.f / 6) + near * (1.f / 12);
  o[2 * t] = (far - even) * (1.f / 6) + u[5 * s];
}

// Where the tiles of pictures lie.
struct Tiles {
  int64_t batch, height, width, down, across;

  Tiles(int64_t batch, int64_t height, int64_t width)
      : batch(batch), height(height), width(width), down((height + 3) / 4), across((width + 3) / 4) {}

  int64_t count() const { return batch * down * across; }
  int64_t picture(int64_t tile) const { return tile / (down * across); }
  int64_t top(int64_t tile) const { return tile % (down * across) / across * 4; }
  int64_t left(int64_t tile) const { return tile % across * 4; }
};

// Takes `n` tiles from `first` on out of pictures of C channels and transforms them: out [36, n, C], `apart` floats
// between frequencies. Beyond the borders there are zeros.
template <class Transform>
void spread(const float *pictures, int64_t C, const Tiles &tiles, int64_t first, int64_t n, int64_t apart, float *out) {
  constexpr int SIDE = Transform::SIDE;
  for (int64_t i = 0; i < n; i++) {
    const int64_t tile = first + i;
    const int64_t y0 = tiles.top(tile) - Transform::LEAD, x0 = tiles.left(tile) - Transform::LEAD;
    const float *picture = pictures + tiles.picture(tile) * tiles.height * tiles.width * C;
    const bool whole = y0 >= 0 && x0 >= 0 && y0 + SIDE <= tiles.height && x0 + SIDE <= tiles.width;
    for (int64_t c = 0; c < C; c += LANES) {
      Lanes d[SIDE * SIDE], half[6 * SIDE], done[FREQUENCIES];
      const auto read = [&](auto inside) {
        for (int v = 0; v < SIDE; v++)
          for (int u = 0; u < SIDE; u++)
            d[v * SIDE + u] = inside(y0 + v, x0 + u) ? take(picture + ((y0 + v) * tiles.width + x0 + u) * C + c) : Lanes{};
      };
      if (whole) read([](int64_t, int64_t) { return true; });
      else read([&](int64_t y, int64_t x) { return y >= 0 && x >= 0 && y < tiles.height && x < tiles.width; });
      for (int u = 0; u < SIDE; u++) Transform::apply(d + u, SIDE, half + u, SIDE);
      for (int v = 0; v < 6; v++) Transform::apply(half + SIDE * v, 1, done + 6 * v, 1);
      for (int k = 0; k < FREQUENCIES; k++) put(out + k * apart + i * C + c, done[k]);
    }
  }
}

// Transforms products [36, n, K] back, adds the bias, where there is one, and writes the tiles into pictures.
void gather(const float *products, int64_t K, const Tiles &tiles, int64_t first, int64_t n, int64_t apart,
            const float *bias, float *pictures) {
  for (int64_t i = 0; i < n; i++) {
    const int64_t tile = first + i, y0 = tiles.top(tile), x0 = tiles.left(tile);
    const int64_t rows = std::min<int64_t>(4, tiles.height - y0), columns = std::min<int64_t>(4, tiles.width - x0);
    float *picture = pictures + tiles.picture(tile) * tiles.height * tiles.width * K;
    for (int64_t c = 0; c < K; c += LANES) {
      Lanes m[FREQUENCIES], half[24], done[16];
      for (int k = 0; k < FREQUENCIES; k++) m[k] = take(products + k * apart + i * K + c);
      for (int u = 0; u < 6; u++) leave(m + u, 6, half + u, 6);
      for (int v = 0; v < 4; v++) leave(half + 6 * v, 1, done + 4 * v, 1);
      const Lanes shift = bias ? take(bias + c) : Lanes{};
      for (int v = 0; v < rows; v++)
        for (int u = 0; u < columns; u++)
          put(picture + ((y0 + v) * tiles.width + x0 + u) * K + c, done[4 * v + u] + shift);
    }
  }
}

// A matrix of which rows and inner elements may lie at any distance: what a product's left side reads.
struct Left {
  const float *values;
  int64_t row, inner;
};

// out [ROWS, VECTORS * LANES] (+)= left [ROWS, inner] . right [inner, ...], kept in registers over all of `inner`.
template <int ROWS, int VECTORS, bool ADD>
inline void multiply_block(Left left, const float *right, int64_t columns, int64_t inner, float *out) {
  Lanes sums[ROWS][VECTORS];
#pragma GCC unroll 16
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) sums[r][v] = ADD ? take(out + r * columns + v * LANES) : Lanes{};
  for (int64_t i = 0; i < inner; i++) {
    Lanes line[VECTORS];
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) line[v] = take(right + i * columns + v * LANES);
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) {
      const float factor = left.values[r * left.row + i * left.inner];
#pragma GCC unroll 8
      for (int v = 0; v < VECTORS; v++) sums[r][v] += factor * line[v];
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) put(out + r * columns + v * LANES, sums[r][v]);
}

template <int ROWS, int VECTORS, bool ADD>
void multiply_strip(Left left, int64_t rows, const float *right, int64_t columns, int64_t inner, float *out) {
  int64_t r = 0;
  for (; r + ROWS <= rows; r += ROWS)
    multiply_block<ROWS, VECTORS, ADD>({left.values + r * left.row, left.row, left.inner}, right, columns, inner,
                                       out + r * columns);
  for (; r < rows; r++)
    multiply_block<1, VECTORS, ADD>({left.values + r * left.row, left.row, left.inner}, right, columns, inner,
                                    out + r * columns);
}

// out [rows, columns] (+)= left [rows, inner] . right [inner, columns]. A block's sums and its line of the right side
// fill the 32 registers of AVX-512, as far as the columns allow.
template <bool ADD>
void multiply(Left left, int64_t rows, const float *right, int64_t columns, int64_t inner, float *out) {
  for (int64_t vectors = columns / LANES; vectors > 0;) {
    int64_t taken;
    if (vectors == 5) taken = 5, multiply_strip<5, 5, ADD>(left, rows, right, columns, inner, out);
    else if (vectors == 4) taken = 4, multiply_strip<6, 4, ADD>(left, rows, right, columns, inner, out);
    else if (vectors >= 3) taken = 3, multiply_strip<8, 3, ADD>(left, rows, right, columns, inner, out);
    else if (vectors == 2) taken = 2, multiply_strip<12, 2, ADD>(left, rows, right, columns, inner, out);
    else taken = 1, multiply_strip<14, 1, ADD>(left, rows, right, columns, inner, out);
    vectors -= taken, right += taken * LANES, out += taken * LANES;
  }
}

// Kept from call to call: fresh memory would be cleared by the system each time.
float *room(std::vector<float> &kept, int64_t channels) {
  kept.resize(std::max<size_t>(kept.size(), FREQUENCIES * (CHUNK * channels + PAD)));
  return kept.data();
}
thread_local std::vector<float> first_room, second_room;

} // namespace

extern "C" {

// Weights whose element [row, column, y, x] lies at row * row_step + column * column_step + (3 * y + x) * step ->
// [36, rows, columns].
void leap_spread_weights(const float *weights, int64_t rows, int64_t columns, int64_t row_step, int64_t column_step,
                         int64_t step, float *out) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < columns; c += LANES) {
      Lanes g[9], half[18], done[FREQUENCIES];
      for (int k = 0; k < 9; k++)
        for (int l = 0; l < LANES; l++) g[k][l] = weights[r * row_step + (c + l) * column_step + k * step];
      for (int u = 0; u < 3; u++) widen(g + u, 3, half + u, 3);
      for (int v = 0; v < 6; v++) widen(half + 3 * v, 1, done + 6 * v, 1);
      for (int k = 0; k < FREQUENCIES; k++) put(out + (k * rows + r) * columns + c, done[k]);
    }
}

// pictures [B, H, W, C], spread weights [36, C, K], bias [K] or null -> out [B, H, W, K].
void leap_convolve(const float *pictures, int64_t B, int64_t H, int64_t W, int64_t C, const float *weights, int64_t K,
                   const float *bias, float *out) {
  const Tiles tiles(B, H, W);
  float *inputs = room(first_room, C), *products = room(second_room, K);
  for (int64_t first = 0; first < tiles.count(); first += CHUNK) {
    const int64_t n = std::min(CHUNK, tiles.count() - first), from = n * C + PAD, to = n * K + PAD;
    spread<Inputs>(pictures, C, tiles, first, n, from, inputs);
    for (int64_t k = 0; k < FREQUENCIES; k++)
      multiply<false>({inputs + k * from, C, 1}, n, weights + k * C * K, K, C, products + k * to);
    gather(products, K, tiles, first, n, to, bias, out);
  }
}

// pictures [B, H, W, C] and the gradients of results [B, H, W, K] -> gradients of the weights [3, 3, C, K].
void leap_correlate(const float *pictures, int64_t B, int64_t H, int64_t W, int64_t C, const float *gradients,
                    int64_t K, float *out) {
  const Tiles tiles(B, H, W);
  float *inputs = room(first_room, C), *results = room(second_room, K);
  std::vector<float> sums(FREQUENCIES * C * K);
  for (int64_t first = 0; first < tiles.count(); first += CHUNK) {
    const int64_t n = std::min(CHUNK, tiles.count() - first), from = n * C + PAD, to = n * K + PAD;
    spread<Inputs>(pictures, C, tiles, first, n, from, inputs);
    spread<Gradients>(gradients, K, tiles, first, n, to, results);
    for (int64_t k = 0; k < FREQUENCIES; k++)
      multiply<true>({inputs + k * from, 1, C}, C, results + k * to, K, n, sums.data() + k * C * K);
  }
  for (int64_t at = 0; at < C * K; at += LANES) {
    Lanes u[FREQUENCIES], half[18], done[9];
    for (int k = 0; k < FREQUENCIES; k++) u[k] = take(sums.data() + k * C * K + at);
    for (int x = 0; x < 6; x++) narrow(u + x, 6, half + x, 6);
    for (int v = 0; v < 3; v++) narrow(half + 6 * v, 1, done + 3 * v, 1);
    for (int k = 0; k < 9; k++) put(out + k * C * K + at, done[k]);
  }
}
}
