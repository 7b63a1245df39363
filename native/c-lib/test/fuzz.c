/* Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0 */

/*
 * Random arguments for each function, compared with the simplest way to compute the same: fuzz [EXECUTIONS [SEED]].
 * Lengths prefer the borders of blocks; memory has exactly the size that the function is told, so that sanitizers see
 * every byte too many. With HD_LIBFUZZER defined, libFuzzer chooses the seeds.
 */
#include "check.h"
#include "internal.h"

#include <math.h>

static uint64_t state;
static const struct hdi_kernels *tables[2];
static int table_count;

static uint64_t below(uint64_t limit) { return next_random(&state) % limit; }

static int64_t any_length(void) {
  static const int64_t borders[] = {0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255 * 32, 2047, 2048, 2049, 4096};
  switch (below(8)) {
    case 0:
      return borders[below(sizeof borders / sizeof borders[0])];
    case 1:
      return borders[below(sizeof borders / sizeof borders[0])] + (int64_t)below(40);
    case 2:
      return (int64_t)below(3000);
    default:
      return (int64_t)below(72);
  }
}

static double any_double(int kind) {
  static const double special[] = {0.0, -0.0, 1, -1, INFINITY, -INFINITY, NAN, 5e-324, 1e308, -1e308, 1e-310};
  uint64_t bits;
  double value;
  switch (kind) {
    case 0:
      return special[below(sizeof special / sizeof special[0])];
    case 1:
      bits = next_random(&state);
      memcpy(&value, &bits, sizeof value);
      return value;
    default:
      return ((double)below(2000001) - 1000000) / 64;
  }
}

static double *any_doubles(int64_t count) {
  double *values = exactly((size_t)count * 8);
  int kinds = (int)below(4);
  for (int64_t i = 0; i < count; i++) {
    values[i] = any_double(kinds == 3 ? (int)below(3) : below(50) == 0 ? (int)below(3) : 2);
  }
  return values;
}

/* Bytes that are UTF-8, nearly UTF-8, Latin-1 in UTF-8, ASCII, or anything. */
static uint8_t *any_text(int64_t length) {
  static const char *const pieces[] = {"a", "Z", " ", "\t", "\n", "0", "\xc2\x80", "\xc2\xb5", "\xc3\x9f", "\xc3\xa9",
                                       "\xc3\xbf", "\xc3\x97", "\xce\xa3", "\xe0\xa0\x80", "\xe2\x82\xac", "\xed\x9f\xbf",
                                       "\xf0\x90\x80\x80", "\xf0\x9f\xa7\xb5", "\xf4\x8f\xbf\xbf"};
  static const size_t choices[] = {6, 12, 19};
  uint8_t *text = exactly((size_t)length);
  size_t of = choices[below(3)];
  int64_t i = 0;
  while (i < length) {
    const char *piece = pieces[below(of)];
    size_t size = strlen(piece);
    if ((int64_t)size > length - i) {
      text[i++] = 'x';
      continue;
    }
    memcpy(text + i, piece, size);
    i += (int64_t)size;
  }
  for (uint64_t changes = below(3); length > 0 && changes > 0; changes--) {
    text[below((uint64_t)length)] = (uint8_t)(below(3) == 0 ? 'y' : below(256));
  }
  return text;
}

/* ---- the simplest way */

static double in_order(const double *a, const double *b, int64_t count, double mean) {
  double lanes[16] = {0};
  for (int64_t i = 0; i < count; i++) {
    lanes[i % 16] += b != NULL ? a[i] * b[i] : mean != mean ? a[i] : (a[i] - mean) * (a[i] - mean);
  }
  return ((((lanes[0] + lanes[8]) + (lanes[4] + lanes[12])) + ((lanes[2] + lanes[10]) + (lanes[6] + lanes[14]))) +
          (((lanes[1] + lanes[9]) + (lanes[5] + lanes[13])) + ((lanes[3] + lanes[11]) + (lanes[7] + lanes[15]))));
}

/* The code point at the beginning of a text, its length in *size; -1 if it is not UTF-8. */
static int32_t decode(const uint8_t *text, int64_t length, int *size) {
  int continuing = text[0] < 0x80 ? 0 : text[0] >> 5 == 6 ? 1 : text[0] >> 4 == 14 ? 2 : text[0] >> 3 == 30 ? 3 : -1;
  static const int32_t least[] = {0, 0x80, 0x800, 0x10000};
  if (continuing < 0 || continuing >= length) {
    return -1;
  }
  int32_t point = continuing == 0 ? text[0] : text[0] & (0x3f >> continuing);
  for (int i = 1; i <= continuing; i++) {
    if (text[i] >> 6 != 2) {
      return -1;
    }
    point = point << 6 | (text[i] & 0x3f);
  }
  *size = continuing + 1;
  bool surrogate = point >= 0xd800 && point <= 0xdfff;
  return point < least[continuing] || point > 0x10ffff || surrogate ? -1 : point;
}

static int64_t first_invalid(const uint8_t *text, int64_t length) {
  int size = 1;
  for (int64_t i = 0; i < length; i += size) {
    if (decode(text + i, length - i, &size) < 0) {
      return i;
    }
  }
  return -1;
}

static int32_t other_case(int32_t point, bool upper) {
  if (point > 0xff || (upper && (point == 0xb5 || point == 0xdf || point == 0xff))) {
    return -1;
  }
  bool lower_letter = (point >= 'a' && point <= 'z') || (point >= 0xe0 && point <= 0xfe && point != 0xf7);
  bool upper_letter = (point >= 'A' && point <= 'Z') || (point >= 0xc0 && point <= 0xde && point != 0xd7);
  return upper && lower_letter ? point - 0x20 : !upper && upper_letter ? point + 0x20 : point;
}

/* ---- one execution each */

static void fuzz_integers(void) {
  int64_t a = (int64_t)next_random(&state) >> below(64);
  int64_t b = (int64_t)next_random(&state) >> below(64);
  int64_t result = 77;
  __int128 sum = (__int128)a + b;
  __int128 product = (__int128)a * b;
  CHECK(hd_add_i64(a, b, &result) == (sum == (int64_t)sum ? HD_OK : HD_OVERFLOW));
  CHECK(result == (sum == (int64_t)sum ? (int64_t)sum : 77));
  result = 77;
  CHECK(hd_multiply_i64(a, b, &result) == (product == (int64_t)product ? HD_OK : HD_OVERFLOW));
  CHECK(result == (product == (int64_t)product ? (int64_t)product : 77));
  int32_t status = hd_factorial_i64(a, &result);
  CHECK(status == (a < 0 ? HD_RANGE : a > 20 ? HD_OVERFLOW : HD_OK));
  /* Pascal's rule, where all three fit. */
  int64_t n = (int64_t)below(80);
  int64_t k = (int64_t)below(80);
  int64_t left = 0;
  int64_t right = 0;
  if (k > 0 && hd_binomial_i64(n + 1, k, &result) == HD_OK) {
    CHECK(hd_binomial_i64(n, k - 1, &left) == HD_OK && hd_binomial_i64(n, k, &right) == HD_OK);
    CHECK(result == left + right);
  }
  status = hd_binomial_i64(a, b, &result);
  CHECK(a < 0 || b < 0 ? status == HD_RANGE : status == HD_OK || status == HD_OVERFLOW);
}

static void fuzz_sum(void) {
  int64_t count = any_length();
  int64_t *values = exactly((size_t)count * 8);
  __int128 sum = 0;
  unsigned shift = (unsigned)below(64);
  for (int64_t i = 0; i < count; i++) {
    values[i] = (int64_t)next_random(&state) >> shift;
    sum += values[i];
  }
  int64_t result = 77;
  CHECK(hd_sum_i64(values, count, &result) == (sum == (int64_t)sum ? HD_OK : HD_OVERFLOW));
  CHECK(result == (sum == (int64_t)sum ? (int64_t)sum : 77));
  free(values);
}

static void fuzz_dot(void) {
  int64_t count = any_length();
  double *a = any_doubles(count);
  double *b = any_doubles(count);
  for (int i = 0; i < table_count; i++) {
    CHECK(same_double(tables[i]->dot(a, b, count), in_order(a, b, count, 0)));
  }
  CHECK(same_double(hd_dot_f64(a, b, count, NULL), in_order(a, b, count, 0)));
  free(a);
  free(b);
}

static void fuzz_axpy(void) {
  int64_t count = any_length();
  double *x = any_doubles(count);
  double *y = any_doubles(count);
  double alpha = any_double((int)below(3));
  for (int i = 0; i < table_count; i++) {
    double *sums = copy_of(y, (size_t)count * 8);
    tables[i]->axpy(alpha, x, sums, count);
    int64_t wrong = 0;
    for (int64_t j = 0; j < count; j++) {
      double product = alpha * x[j];
      wrong += !same_double(sums[j], y[j] + product);
    }
    CHECK(wrong == 0);
    free(sums);
  }
  if (count > 2) {
    double first = x[0];
    CHECK(hd_axpy_f64(alpha, x + 1, x, count - 1) == HD_OVERLAP && same_double(x[0], first));
  }
  free(x);
  free(y);
}

static void fuzz_statistics(void) {
  int64_t count = any_length();
  double *values = any_doubles(count);
  struct hd_statistics found;
  CHECK(hd_statistics_f64(values, count, &found) == HD_OK && found.count == count);
  double least = INFINITY;
  double greatest = -INFINITY;
  bool has_nan = count == 0;
  for (int64_t i = 0; i < count; i++) {
    least = values[i] < least ? values[i] : least;
    greatest = values[i] > greatest ? values[i] : greatest;
    has_nan |= values[i] != values[i];
  }
  CHECK(same_double(found.min, has_nan ? NAN : least + 0.0) && same_double(found.max, has_nan ? NAN : greatest + 0.0));
  if (count > 0 && count <= HDI_STATISTICS_BLOCK) {
    double mean = in_order(values, NULL, count, NAN) / (double)count;
    CHECK(same_double(found.mean, mean));
    CHECK(count < 2 || mean != mean || same_double(found.variance, in_order(values, NULL, count, mean) / (double)(count - 1)));
    struct hdi_block blocks[2];
    for (int i = 0; i < table_count; i++) {
      tables[i]->statistics(values, count, &blocks[i]);
      CHECK(same_double(blocks[0].deviations, blocks[i].deviations) && same_double(blocks[0].mean, blocks[i].mean));
    }
  }
  free(values);
}

static void fuzz_matmul(void) {
  int64_t rows = (int64_t)below(14);
  int64_t inner = (int64_t)below(80);
  int64_t columns = (int64_t)below(28);
  double *a = any_doubles(rows * inner);
  double *b = any_doubles(inner * columns);
  double *c = any_doubles(rows * columns);
  CHECK(hd_matmul_f64(a, b, c, rows, inner, columns, NULL, NULL) == HD_OK);
  int64_t wrong = 0;
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) {
      double sum = 0;
      for (int64_t k = 0; k < inner; k++) {
        double product = a[i * inner + k] * b[k * columns + j];
        sum += product;
      }
      wrong += !same_double(sum, c[i * columns + j]);
    }
  }
  CHECK(wrong == 0);
  if (inner <= HDI_MATMUL_INNER) {
    for (int i = 0; i < table_count; i++) {
      double *again = exactly((size_t)(rows * columns) * 8);
      memset(again, 0, (size_t)(rows * columns) * 8);
      tables[i]->matmul(a, b, again, rows, inner, columns, inner, columns);
      for (int64_t j = 0; j < rows * columns; j++) {
        wrong += !same_double(again[j], c[j]);
      }
      free(again);
    }
    CHECK(wrong == 0);
  }
  free(a);
  free(b);
  free(c);
}

static void fuzz_sieve(void) {
  int64_t limit = (int64_t)below(below(200) == 0 ? 600000 : 2000);
  int64_t bytes = limit / 16 + 1;
  uint8_t *bits = exactly((size_t)bytes);
  int64_t primes = 77;
  CHECK(hd_sieve(limit, bits, bytes, &primes, NULL, NULL) == HD_OK);
  int64_t counted = limit >= 2;
  for (int64_t number = 1; number < 16 * bytes; number += 2) {
    bool prime = number > 1 && number <= limit;
    for (int64_t divisor = 3; prime && divisor * divisor <= number; divisor += 2) {
      prime = number % divisor != 0;
    }
    counted += prime;
    CHECK((bits[number / 16] >> (number / 2 % 8) & 1) == prime);
  }
  CHECK(primes == counted);
  CHECK(hd_sieve(limit, bits, bytes - 1, &primes, NULL, NULL) == HD_CAPACITY && primes == counted);
  free(bits);
}

static void fuzz_monte_carlo(void) {
  int64_t samples = (int64_t)below(500);
  uint64_t seed = next_random(&state);
  uint64_t own = seed;
  int64_t expected = 0;
  int64_t inside = 77;
  for (int64_t i = 0; i < samples; i++) {
    uint64_t random = next_random(&own);
    double x = (double)(random >> 33) / 2147483648.0;
    double y = (double)(random & 0x7fffffff) / 2147483648.0;
    expected += x * x + y * y < 1;
  }
  CHECK(hd_monte_carlo(samples, seed, &inside, NULL, NULL) == HD_OK);
  CHECK(llabs(inside - expected) <= 0);
}

static void fuzz_validate(void) {
  int64_t length = any_length();
  uint8_t *text = any_text(length);
  int64_t expected = first_invalid(text, length);
  int64_t offset = -1;
  CHECK(hd_utf8_validate(text, length, &offset) == (expected < 0 ? HD_OK : HD_INVALID_UTF8) && offset == expected);
  for (int i = 0; i < table_count; i++) {
    int64_t valid = tables[i]->utf8_valid(text, length);
    CHECK(valid <= length && first_invalid(text, valid) < 0);
  }
  free(text);
}

static void fuzz_counts(void) {
  int64_t length = any_length();
  uint8_t *text = any_text(length);
  int64_t points = 0;
  int64_t words = 0;
  bool space = true;
  for (int64_t i = 0; i < length; i++) {
    points += text[i] >> 6 != 2;
    bool here = memchr(" \t\n\v\f\r", text[i], 6) != NULL;
    words += space && !here;
    space = here;
  }
  for (int i = 0; i < table_count; i++) {
    CHECK(tables[i]->utf8_count(text, length) == points && tables[i]->count_words(text, length) == words);
    int64_t ascii = tables[i]->ascii(text, length);
    for (int64_t j = 0; j < ascii; j++) {
      CHECK(text[j] < 0x80);
    }
  }
  CHECK(hd_utf8_count(text, length, NULL) == points && hd_count_words(text, length, NULL) == words);
  free(text);
}

static void fuzz_changes(void) {
  int64_t length = any_length();
  uint8_t *text = any_text(length);
  uint8_t *changed = exactly((size_t)length);
  bool valid = first_invalid(text, length) < 0;
  memset(changed, 0xee, (size_t)length);
  CHECK(hd_utf8_reverse(text, length, changed, length) == (valid ? HD_OK : HD_INVALID_UTF8));
  int size = 1;
  for (int64_t i = 0; i < length; i += valid ? size : 1) {
    if (valid) {
      decode(text + i, length - i, &size);
      CHECK(memcmp(text + i, changed + length - i - size, (size_t)size) == 0);
    } else {
      CHECK(changed[i] == 0xee);
    }
  }
  for (int upper = 0; upper < 2; upper++) {
    bool supported = valid;
    for (int64_t i = 0; supported && i < length; i += size) {
      supported = other_case(decode(text + i, length - i, &size), upper) >= 0;
    }
    memset(changed, 0xee, (size_t)length);
    int32_t status = (upper ? hd_utf8_upper : hd_utf8_lower)(text, length, changed, length);
    CHECK(status == (!valid ? HD_INVALID_UTF8 : supported ? HD_OK : HD_UNSUPPORTED));
    for (int64_t i = 0; i < length; i += supported ? size : 1) {
      if (supported) {
        int same = 0;
        CHECK(decode(changed + i, length - i, &same) == other_case(decode(text + i, length - i, &size), upper));
        CHECK(same == size);
      } else {
        CHECK(changed[i] == 0xee);
      }
    }
  }
  free(text);
  free(changed);
}

static void fuzz_find(void) {
  int64_t length = any_length();
  uint8_t *text = any_text(length);
  int64_t size = (int64_t)below(below(4) == 0 ? 80 : 4);
  uint8_t *needle = below(2) == 0 || size > length ? any_text(size) : copy_of(text + below((uint64_t)(length - size + 1)), (size_t)size);
  int64_t expected = -1;
  for (int64_t i = 0; expected < 0 && i + size <= length; i++) {
    expected = memcmp(text + i, needle, (size_t)size) == 0 ? i : -1;
  }
  CHECK(hd_find(text, length, needle, size, NULL) == expected);
  for (int i = 0; size > 0 && size <= length && i < table_count; i++) {
    CHECK(tables[i]->find(text, length, needle, size) == expected);
  }
  free(text);
  free(needle);
}

static void fuzz_hashes(void) {
  int64_t length = any_length();
  uint8_t *data = any_text(length);
  uint64_t seed = next_random(&state);
  uint64_t fnv = UINT64_C(14695981039346656037);
  for (int64_t i = 0; i < length; i++) {
    fnv ^= data[i];
    fnv *= UINT64_C(1099511628211);
  }
  CHECK(hd_fnv1a_64(data, length, NULL) == fnv);
  uint8_t *elsewhere = exactly((size_t)length + 3); /* XXH64 is compared with Java's; here, that places do not matter */
  if (length > 0) {
    memcpy(elsewhere + 3, data, (size_t)length);
  }
  CHECK(hd_xxh64(data, length, seed, NULL) == hd_xxh64(elsewhere + 3, length, seed, NULL));
  if (length > 0) {
    uint64_t before = hd_xxh64(data, length, seed, NULL);
    data[below((uint64_t)length)] ^= 1;
    CHECK(hd_xxh64(data, length, seed, NULL) != before);
  }
  free(elsewhere);
  free(data);
}

static void fuzz_bad_arguments(void) {
  int64_t length = -1 - (int64_t)(next_random(&state) >> 1);
  int64_t huge = INT64_MAX - (int64_t)below(1000);
  double number = 0;
  int64_t result = 77;
  int32_t status;
  uint8_t byte = 0;
  CHECK(hd_sum_i64(&result, length, &result) == HD_RANGE && hd_sum_i64(&result, huge, &result) == HD_RANGE);
  CHECK(hd_dot_f64(&number, &number, huge, &status) == 0 && status == HD_RANGE);
  CHECK(hd_dot_f64(NULL, NULL, 1 + (int64_t)below(1000), &status) == 0 && status == HD_NULL);
  CHECK(hd_matmul_f64(&number, &number, &number, huge, huge, huge, NULL, NULL) == HD_RANGE);
  CHECK(hd_sieve(length, &byte, huge, &result, NULL, NULL) == HD_RANGE);
  CHECK(hd_utf8_validate(&byte, length, &result) == HD_RANGE && hd_utf8_validate(NULL, huge, &result) == HD_NULL);
  CHECK(hd_utf8_reverse(NULL, huge, &byte, 1) == HD_NULL && hd_utf8_upper(&byte, huge, &byte, 1) == HD_CAPACITY);
  CHECK(hd_find(&byte, length, &byte, 1, &status) == -1 && status == HD_RANGE);
  CHECK(hd_xxh64(NULL, huge, 0, &status) == 0 && status == HD_NULL);
  CHECK(result == 77 && byte == 0);
}

static const struct {
  const char *name;
  void (*run)(void);
} targets[] = {
    {"integers", fuzz_integers},     {"sum", fuzz_sum},           {"dot", fuzz_dot},
    {"axpy", fuzz_axpy},             {"statistics", fuzz_statistics}, {"matmul", fuzz_matmul},
    {"sieve", fuzz_sieve},           {"monte carlo", fuzz_monte_carlo}, {"validate", fuzz_validate},
    {"counts", fuzz_counts},         {"changes", fuzz_changes},   {"find", fuzz_find},
    {"hashes", fuzz_hashes},         {"bad arguments", fuzz_bad_arguments},
};

#define TARGETS (sizeof targets / sizeof targets[0])

static void choose_tables(void) {
  tables[0] = &hdi_kernels_baseline;
  table_count = 1;
  if (hdi_kernels() != tables[0]) {
    tables[table_count++] = hdi_kernels();
  }
}

#if defined(HD_LIBFUZZER)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1 + sizeof state) {
    return 0;
  }
  choose_tables();
  memcpy(&state, data + 1, sizeof state);
  targets[data[0] % TARGETS].run();
  if (failures != 0) {
    abort();
  }
  return 0;
}

#else

int main(int count, char **arguments) {
  int64_t executions = count > 1 ? strtoll(arguments[1], NULL, 10) : 10000;
  uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
  choose_tables();
  for (size_t i = 0; i < TARGETS; i++) {
    for (int64_t j = 0; j < executions; j++) {
      state = seed + (uint64_t)j * TARGETS + i;
      targets[i].run();
      if (failures != 0) {
        fprintf(stderr, "fuzz: %s failed: execution=%" PRId64 ", seed=%" PRIu64 "\n", targets[i].name, j, seed);
        return 1;
      }
    }
  }
  printf("fuzz: %zu functions or groups of them, %" PRId64 " executions each, seed %" PRIu64 ", %d targets: 0 failures\n",
         TARGETS, executions, seed, table_count);
  return 0;
}

#endif
