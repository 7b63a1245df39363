/* Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0 */

/*
 * What gains from vector instructions. Compiled once for each kind: HDI_TARGET is its name, and AVX2 says that its
 * instructions may be used. Most of it is plain C in the shape that compilers turn into vectors: inner loops of a
 * constant number of steps, without jumps.
 */
#include "internal.h"

#include <math.h>
#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#define TARGET_NUMBER HD_TARGET_AVX2
#define HDI_TABLE hdi_kernels_avx2
#else
#define TARGET_NUMBER HD_TARGET_BASELINE
#define HDI_TABLE hdi_kernels_baseline
#endif

#define BYTES 32 /* of a text that are looked at together */

/* ---- numbers */

static double sum_of(double lanes[HDI_LANES]) {
  for (int width = HDI_LANES / 2; width > 0; width /= 2) {
    for (int j = 0; j < width; j++) {
      lanes[j] += lanes[j + width];
    }
  }
  return lanes[0];
}

static double dot(const double *a, const double *b, int64_t count) {
  double lanes[HDI_LANES] = {0};
  int64_t i = 0;
  for (; i + HDI_LANES <= count; i += HDI_LANES) {
    for (int j = 0; j < HDI_LANES; j++) {
      lanes[j] += a[i + j] * b[i + j];
    }
  }
  for (int j = 0; i + j < count; j++) {
    lanes[j] += a[i + j] * b[i + j];
  }
  return sum_of(lanes);
}

static void axpy(double alpha, const double *x, double *y, int64_t count) {
  if (x == y) { /* the compiler may take different names for different memory below */
    for (int64_t i = 0; i < count; i++) {
      y[i] += alpha * y[i];
    }
    return;
  }
  const double *restrict from = x;
  double *restrict to = y;
  for (int64_t i = 0; i < count; i++) {
    to[i] += alpha * from[i];
  }
}

static void statistics(const double *values, int64_t count, struct hdi_block *block) {
  double sums[HDI_LANES] = {0};
  double least[HDI_LANES];
  double greatest[HDI_LANES];
  int64_t nans[HDI_LANES] = {0};
  for (int j = 0; j < HDI_LANES; j++) {
    least[j] = INFINITY;
    greatest[j] = -INFINITY;
  }
  int64_t i = 0;
  for (; i + HDI_LANES <= count; i += HDI_LANES) {
    for (int j = 0; j < HDI_LANES; j++) {
      double value = values[i + j];
      sums[j] += value;
      least[j] = value < least[j] ? value : least[j];
      greatest[j] = value > greatest[j] ? value : greatest[j];
      nans[j] |= value != value;
    }
  }
  for (int j = 0; i + j < count; j++) {
    double value = values[i + j];
    sums[j] += value;
    least[j] = value < least[j] ? value : least[j];
    greatest[j] = value > greatest[j] ? value : greatest[j];
    nans[j] |= value != value;
  }
  double mean = sum_of(sums) / (double)count;
  double squares[HDI_LANES] = {0};
  for (i = 0; i + HDI_LANES <= count; i += HDI_LANES) {
    for (int j = 0; j < HDI_LANES; j++) {
      double delta = values[i + j] - mean;
      squares[j] += delta * delta;
    }
  }
  for (int j = 0; i + j < count; j++) {
    double delta = values[i + j] - mean;
    squares[j] += delta * delta;
  }
  block->mean = mean;
  block->deviations = sum_of(squares);
  block->min = least[0];
  block->max = greatest[0];
  block->has_nan = nans[0] != 0;
  for (int j = 1; j < HDI_LANES; j++) {
    block->min = least[j] < block->min ? least[j] : block->min;
    block->max = greatest[j] > block->max ? greatest[j] : block->max;
    block->has_nan |= nans[j] != 0;
  }
}

#define TILE_ROWS 4
#define TILE_COLUMNS 8

/* Half a row of a tile: compilers leave arrays of sums in memory, but not these. */
typedef double half_row __attribute__((vector_size(TILE_COLUMNS / 2 * sizeof(double)), aligned(8), may_alias));

#define HALF_ROW(values) (*(half_row *)(values))
#define CONST_HALF_ROW(values) (*(const half_row *)(values))

/* Adds to a tile of c, which stays in registers, all products of the inner values. b has its columns side by side. */
static void tile(const double *a, const double *b, double *c, int64_t inner, int64_t a_stride, int64_t stride) {
  half_row left[TILE_ROWS];
  half_row right[TILE_ROWS];
  for (int i = 0; i < TILE_ROWS; i++) {
    left[i] = HALF_ROW(c + i * stride);
    right[i] = HALF_ROW(c + i * stride + TILE_COLUMNS / 2);
  }
  for (int64_t k = 0; k < inner; k++) {
    half_row b_left = CONST_HALF_ROW(b + k * TILE_COLUMNS);
    half_row b_right = CONST_HALF_ROW(b + k * TILE_COLUMNS + TILE_COLUMNS / 2);
    for (int i = 0; i < TILE_ROWS; i++) {
      double factor = a[i * a_stride + k];
      left[i] += factor * b_left;
      right[i] += factor * b_right;
    }
  }
  for (int i = 0; i < TILE_ROWS; i++) {
    HALF_ROW(c + i * stride) = left[i];
    HALF_ROW(c + i * stride + TILE_COLUMNS / 2) = right[i];
  }
}

static void rest_of_tiles(const double *restrict a, const double *restrict b, double *restrict c, int64_t rows,
                          int64_t inner, int64_t columns, int64_t a_stride, int64_t stride) {
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t k = 0; k < inner; k++) {
      for (int64_t j = 0; j < columns; j++) {
        c[i * stride + j] += a[i * a_stride + k] * b[k * stride + j];
      }
    }
  }
}

static void matmul(const double *a, const double *b, double *c, int64_t rows, int64_t inner, int64_t columns,
                   int64_t a_stride, int64_t stride) {
  int64_t whole_columns = columns - columns % TILE_COLUMNS;
  int64_t whole_rows = rows - rows % TILE_ROWS;
  for (int64_t j = 0; j < whole_columns; j += TILE_COLUMNS) {
    double side_by_side[HDI_MATMUL_INNER * TILE_COLUMNS]; /* else all rows of b may want the same lines of the cache */
    for (int64_t k = 0; k < inner; k++) {
      memcpy(side_by_side + k * TILE_COLUMNS, b + k * stride + j, TILE_COLUMNS * sizeof(double));
    }
    for (int64_t i = 0; i < whole_rows; i += TILE_ROWS) {
      tile(a + i * a_stride, side_by_side, c + i * stride + j, inner, a_stride, stride);
    }
  }
  rest_of_tiles(a, b + whole_columns, c + whole_columns, whole_rows, inner, columns - whole_columns, a_stride, stride);
  rest_of_tiles(a + whole_rows * a_stride, b, c + whole_rows * stride, rows - whole_rows, inner, columns, a_stride,
                stride);
}

/* ---- texts */

static int64_t ascii(const uint8_t *text, int64_t length) {
  int64_t i = 0;
  for (; i + BYTES <= length; i += BYTES) {
    uint8_t any = 0;
    for (int j = 0; j < BYTES; j++) {
      any |= text[i + j];
    }
    if (any >= 0x80) {
      return i;
    }
  }
  return i;
}

static void change_case(const uint8_t *text, int64_t length, uint8_t *changed, uint8_t first) {
  for (int64_t i = 0; i < length; i++) {
    uint8_t other = (uint8_t)(text[i] ^ 0x20);
    changed[i] = (uint8_t)(text[i] - first) < 26 ? other : text[i];
  }
}

/* Counts up to 255 rows of bytes at a time, so that a byte for each column is enough. */
#define COUNT_ROWS 255

static int64_t sum_of_bytes(const uint8_t counts[BYTES]) {
  int64_t sum = 0;
  for (int j = 0; j < BYTES; j++) {
    sum += counts[j];
  }
  return sum;
}

static bool is_start(uint8_t byte) { return (int8_t)byte >= -64; }

static int64_t utf8_count(const uint8_t *text, int64_t length) {
  int64_t count = 0;
  int64_t i = 0;
  while (i + BYTES <= length) {
    uint8_t counts[BYTES] = {0};
    for (int row = 0; row < COUNT_ROWS && i + BYTES <= length; row++, i += BYTES) {
      for (int j = 0; j < BYTES; j++) {
        counts[j] = (uint8_t)(counts[j] + is_start(text[i + j]));
      }
    }
    count += sum_of_bytes(counts);
  }
  for (; i < length; i++) {
    count += is_start(text[i]);
  }
  return count;
}

static bool is_space(uint8_t byte) { return byte == ' ' || (uint8_t)(byte - '\t') < 5; }

/* A word begins at a byte that is no space after one that is. */
static int64_t count_words(const uint8_t *text, int64_t length) {
  if (length == 0) {
    return 0;
  }
  int64_t count = !is_space(text[0]);
  int64_t i = 1;
  while (i + BYTES <= length) {
    uint8_t counts[BYTES] = {0};
    for (int row = 0; row < COUNT_ROWS && i + BYTES <= length; row++, i += BYTES) {
      for (int j = 0; j < BYTES; j++) {
        uint8_t here = text[i + j];
        uint8_t before = text[i + j - 1];
        counts[j] = (uint8_t)(counts[j] + (!is_space(here) & is_space(before)));
      }
    }
    count += sum_of_bytes(counts);
  }
  for (; i < length; i++) {
    count += !is_space(text[i]) & is_space(text[i - 1]);
  }
  return count;
}

#if defined(__AVX2__)

/*
 * Each kind of mistake in two bytes that follow each other is a bit; three tables say which mistakes the upper and
 * lower half of the first byte, and the upper half of the second one, allow. What is left when they are put together is
 * a mistake. (Keiser, Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte", 2021.)
 */
enum {
  TOO_SHORT = 1 << 0,  /* a first byte, and no byte that continues it */
  TOO_LONG = 1 << 1,   /* an ASCII character, and a byte that continues */
  OVERLONG_3 = 1 << 2, /* E0, 80 to 9F */
  TOO_LARGE = 1 << 3,  /* F4, 90 to BF; F5 and above */
  SURROGATE = 1 << 4,  /* ED, A0 to BF */
  OVERLONG_2 = 1 << 5, /* C0, C1 */
  OVERLONG_4 = 1 << 6, /* F0, 80 to 8F */
  TOO_LARGE_1000 = 1 << 6,
  TWO_CONTINUE = (-1) * (1 << 7), /* both continue: a mistake unless there is a longer sequence */
  CARRY = TOO_SHORT | TOO_LONG | TWO_CONTINUE
};

#define BOTH_HALVES(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

static __m256i upper_half(__m256i bytes) {
  return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
}

/* The same bytes, moved by some places, with the last ones of those before. */
#define AFTER(before, bytes, places) \
  _mm256_alignr_epi8(bytes, _mm256_permute2x128_si256(before, bytes, 0x21), 16 - (places))

static __m256i mistakes(__m256i before, __m256i bytes) {
  const __m256i first_upper =
      BOTH_HALVES(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TWO_CONTINUE,
                  TWO_CONTINUE, TWO_CONTINUE, TWO_CONTINUE, TOO_SHORT | OVERLONG_2, TOO_SHORT,
                  TOO_SHORT | OVERLONG_3 | SURROGATE, TOO_SHORT | TOO_LARGE | TOO_LARGE_1000);
  const __m256i first_lower =
      BOTH_HALVES(CARRY | OVERLONG_2 | OVERLONG_3 | OVERLONG_4, CARRY | OVERLONG_2, CARRY, CARRY, CARRY | TOO_LARGE,
                  CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
                  CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
                  CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
                  CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
                  CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE, CARRY | TOO_LARGE | TOO_LARGE_1000,
                  CARRY | TOO_LARGE | TOO_LARGE_1000);
  const __m256i second_upper =
      BOTH_HALVES(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
                  TOO_LONG | OVERLONG_2 | TWO_CONTINUE | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
                  TOO_LONG | OVERLONG_2 | TWO_CONTINUE | OVERLONG_3 | TOO_LARGE,
                  TOO_LONG | OVERLONG_2 | TWO_CONTINUE | SURROGATE | TOO_LARGE,
                  TOO_LONG | OVERLONG_2 | TWO_CONTINUE | SURROGATE | TOO_LARGE, TOO_SHORT, TOO_SHORT, TOO_SHORT,
                  TOO_SHORT);
  __m256i one_before = AFTER(before, bytes, 1);
  __m256i of_two = _mm256_and_si256(
      _mm256_and_si256(_mm256_shuffle_epi8(first_upper, upper_half(one_before)),
                       _mm256_shuffle_epi8(first_lower, _mm256_and_si256(one_before, _mm256_set1_epi8(0x0f)))),
      _mm256_shuffle_epi8(second_upper, upper_half(bytes)));
  /* Where the third byte of three, or the third or fourth of four, must continue. */
  __m256i third = _mm256_subs_epu8(AFTER(before, bytes, 2), _mm256_set1_epi8((char)(0xe0 - 0x80)));
  __m256i fourth = _mm256_subs_epu8(AFTER(before, bytes, 3), _mm256_set1_epi8((char)(0xf0 - 0x80)));
  __m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
  return _mm256_xor_si256(must, of_two);
}

static int64_t utf8_valid(const uint8_t *text, int64_t length) {
  __m256i before = _mm256_setzero_si256();
  int64_t i = 0;
  for (; i + BYTES <= length; i += BYTES) {
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(text + i));
    __m256i both = _mm256_or_si256(bytes, before);
    if (_mm256_movemask_epi8(both) != 0) {
      __m256i wrong = mistakes(before, bytes);
      if (!_mm256_testz_si256(wrong, wrong)) {
        break;
      }
    }
    before = bytes;
  }
  /* All before the last sequence is right; that one may go on behind i. */
  for (int back = 0; back < 4 && i > 0; back++) {
    i--;
    if (is_start(text[i])) {
      break;
    }
  }
  return i;
}

/*
 * Looks at BYTES places for the needle: where both its first and its last byte fit, all of them are compared. (Mula,
 * "SIMD-friendly algorithms for substring searching", 2016.)
 */
static int64_t find_in_block(const uint8_t *text, const uint8_t *needle, int64_t needle_length) {
  const __m256i first = _mm256_set1_epi8((char)needle[0]);
  const __m256i last = _mm256_set1_epi8((char)needle[needle_length - 1]);
  __m256i here = _mm256_loadu_si256((const __m256i *)(const void *)text);
  __m256i there = _mm256_loadu_si256((const __m256i *)(const void *)(text + needle_length - 1));
  uint32_t fits = (uint32_t)_mm256_movemask_epi8(
      _mm256_and_si256(_mm256_cmpeq_epi8(first, here), _mm256_cmpeq_epi8(last, there)));
  for (; fits != 0; fits &= fits - 1) {
    int64_t place = __builtin_ctz(fits);
    if (memcmp(text + place, needle, (size_t)needle_length) == 0) {
      return place;
    }
  }
  return -1;
}

static int64_t find(const uint8_t *text, int64_t length, const uint8_t *needle, int64_t needle_length) {
  int64_t places = length - needle_length + 1;
  if (places < BYTES) {
    for (int64_t i = 0; i < places; i++) {
      if (text[i] == needle[0] && memcmp(text + i, needle, (size_t)needle_length) == 0) {
        return i;
      }
    }
    return -1;
  }
  for (int64_t i = 0;; i += BYTES) {
    int64_t block = i + BYTES <= places ? i : places - BYTES; /* the last one looks at some places again */
    int64_t place = find_in_block(text + block, needle, needle_length);
    if (place >= 0) {
      return block + place;
    }
    if (block + BYTES == places) {
      return -1;
    }
  }
}

#else

static int64_t utf8_valid(const uint8_t *text, int64_t length) { return ascii(text, length); }

static int64_t find(const uint8_t *text, int64_t length, const uint8_t *needle, int64_t needle_length) {
  int64_t places = length - needle_length + 1;
  for (int64_t i = 0; i < places; i++) {
    const uint8_t *place = memchr(text + i, needle[0], (size_t)(places - i));
    if (place == NULL) {
      return -1;
    }
    i = place - text;
    if (memcmp(place, needle, (size_t)needle_length) == 0) {
      return i;
    }
  }
  return -1;
}

#endif

const struct hdi_kernels HDI_TABLE = {
    .target = TARGET_NUMBER,
    .dot = dot,
    .axpy = axpy,
    .statistics = statistics,
    .matmul = matmul,
    .utf8_valid = utf8_valid,
    .utf8_count = utf8_count,
    .ascii = ascii,
    .change_case = change_case,
    .count_words = count_words,
    .find = find,
};
