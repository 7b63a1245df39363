/* Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0 */

/*
 * Random arguments, right and wrong ones, for each function, compared with the simplest way to compute the same:
 * fuzz [EXECUTIONS [SEED]]. Lengths prefer the borders of blocks; memory has exactly the size that the function is
 * told, so that sanitizers see every byte too many. With HD_LIBFUZZER defined, libFuzzer makes the choices.
 */
#include "check.h"
#include "internal.h"

#include <math.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct hdi_kernels *tables[2];
static int table_count;

/* ---- choices */

static uint64_t state;
static const uint8_t *choices; /* what libFuzzer wants to be chosen first */
static size_t choices_left;

static uint64_t any_number(void) {
  uint64_t number = next_random(&state);
  for (size_t i = 0; i < sizeof number && choices_left > 0; i++, choices_left--) {
    number = number << 8 | *choices++;
  }
  return number;
}

static uint64_t below(uint64_t limit) {
  if (limit <= 256 && choices_left > 0) {
    choices_left--;
    return *choices++ % limit;
  }
  return any_number() % limit;
}

static bool one_of(uint64_t count) { return below(count) == 0; }

static int64_t any_length(void) {
  static const int64_t borders[] = {0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 2047, 2048, 2049, 4096, 255 * 32};
  if (one_of(16)) {
    int64_t border = borders[below(COUNT_OF(borders))];
    return one_of(2) ? border : border + (int64_t)below(40);
  }
  return (int64_t)below(one_of(32) ? 3000 : 71);
}

/* Of any size. */
static int64_t any_int64(void) {
  int64_t number = (int64_t)any_number();
  return number >> below(64);
}

static double any_double(uint64_t kind) {
  static const double special[] = {0.0, -0.0, 1, -1, INFINITY, -INFINITY, NAN, 5e-324, 1e308, -1e308, 1e-310};
  if (kind == 0) {
    return special[below(COUNT_OF(special))];
  }
  if (kind == 1) {
    uint64_t bits = any_number();
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
  }
  return ((double)below(2000001) - 1000000) / 64;
}

/* Ordinary numbers, now and then all kinds. */
static double *any_doubles(int64_t count) {
  double *values = exactly(count * 8);
  bool ordinary = !one_of(4);
  for (int64_t i = 0; i < count; i++) {
    values[i] = any_double(ordinary ? 2 : below(3));
  }
  return values;
}

/* Bytes that are UTF-8 or nearly so: ASCII only, Latin-1 only or with all kinds of sequences; or just bytes. */
static uint8_t *any_text(int64_t length) {
  static const char *const pieces[] = {
      "a",        "Z",        " ",        "\t",           "\n",           "0",            "\xc2\x80",
      "\xc2\xb5", "\xc3\x9f", "\xc3\xa9", "\xc3\x97",     "\xc3\xbf",     "\xce\xa3",     "\xe0\xa0\x80",
      "\xe2\x82\xac", "\xed\x9f\xbf", "\xf0\x90\x80\x80", "\xf0\x9f\xa7\xb5", "\xf4\x8f\xbf\xbf"};
  static const uint64_t kinds[] = {6, 11, 12, COUNT_OF(pieces)};
  uint8_t *text = exactly(length);
  uint64_t kind = below(COUNT_OF(kinds) + 1);
  for (int64_t i = 0; i < length;) {
    if (kind == COUNT_OF(kinds)) {
      text[i++] = (uint8_t)below(256);
      continue;
    }
    const char *piece = pieces[below(kinds[kind])];
    int64_t size = (int64_t)strlen(piece);
    if (size > length - i) {
      text[i++] = 'x';
      continue;
    }
    memcpy(text + i, piece, (size_t)size);
    if (text[i] == 0xc3 && one_of(2)) { /* the letters of Latin-1 have exceptions among them */
      text[i + 1] = (uint8_t)(0x80 + below(64));
    }
    i += size;
  }
  for (uint64_t changes = below(3); length > 0 && changes > 0; changes--) {
    uint8_t *place = text + below((uint64_t)length);
    *place = (uint8_t)(one_of(3) ? 'y' : below(256));
  }
  return text;
}

/* ---- wrong arguments: there are sets of statuses, as which mistake a function finds first is its own choice */

static uint32_t only(int32_t status) { return UINT32_C(1) << status; }

static bool is_among(int32_t status, uint32_t statuses) { return status >= 0 && (statuses >> status & 1) != 0; }

static int64_t negative(void) { return INT64_MIN | any_int64(); }

/* Makes a text one that is refused. */
static uint32_t spoil_text(const uint8_t **text, int64_t *length) {
  if (one_of(2)) {
    *length = negative();
    return only(HD_RANGE);
  }
  *text = NULL;
  *length = 1 + (any_int64() & (INT64_MAX >> 1));
  return only(HD_NULL);
}

/* Likewise, integers or doubles. */
static uint32_t spoil_numbers(const void **numbers, int64_t *count) {
  switch (below(4)) {
    case 0:
      *count = negative();
      return only(HD_RANGE);
    case 1:
      *count = INT64_MAX - (int64_t)below(INT64_MAX / 8 * 7);
      return only(HD_RANGE);
    case 2:
      *count = 1 + (int64_t)below(INT64_MAX / 8);
      *numbers = NULL;
      return only(HD_NULL);
    default:
      *numbers = (const char *)*numbers + 1 + below(7);
      return only(HD_MISALIGNED);
  }
}

/* Where a number cannot be written. */
static uint32_t spoil_result(int64_t **result) {
  if (one_of(2)) {
    *result = NULL;
    return only(HD_NULL);
  }
  *result = (int64_t *)((uintptr_t)*result + 1 + below(7));
  return only(HD_MISALIGNED);
}

static bool is_filled(const uint8_t *bytes, int64_t length, uint8_t with) {
  for (int64_t i = 0; i < length; i++) {
    if (bytes[i] != with) {
      return false;
    }
  }
  return true;
}

/* ---- the simplest way */

/* What is added up: a[i], a[i] * b[i], or the square of how far a[i] is from the mean. */
enum term { VALUE, PRODUCT, SQUARE };

/* In 16 partial sums, and those as a tree, as the header says. */
static double sum_in_order(enum term term, const double *a, const double *b, double mean, int64_t count) {
  double lanes[16] = {0};
  for (int64_t i = 0; i < count; i++) {
    double addend = term == VALUE ? a[i] : term == PRODUCT ? a[i] * b[i] : (a[i] - mean) * (a[i] - mean);
    lanes[i % 16] += addend;
  }
  return ((((lanes[0] + lanes[8]) + (lanes[4] + lanes[12])) + ((lanes[2] + lanes[10]) + (lanes[6] + lanes[14]))) +
          (((lanes[1] + lanes[9]) + (lanes[5] + lanes[13])) + ((lanes[3] + lanes[11]) + (lanes[7] + lanes[15]))));
}

/* The code point at the beginning of a text, its length in *size; -1 if it is not UTF-8. */
static int32_t decode(const uint8_t *text, int64_t length, int *size) {
  static const int32_t least[] = {0, 0x80, 0x800, 0x10000};
  int continuing = text[0] < 0x80 ? 0 : text[0] >> 5 == 6 ? 1 : text[0] >> 4 == 14 ? 2 : text[0] >> 3 == 30 ? 3 : -1;
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

/* -1 if all is UTF-8. */
static int64_t first_invalid(const uint8_t *text, int64_t length) {
  int size = 1;
  for (int64_t i = 0; i < length; i += size) {
    if (decode(text + i, length - i, &size) < 0) {
      return i;
    }
  }
  return -1;
}

/* -1 if the function leaves it to others. */
static int32_t other_case(int32_t point, bool upper) {
  if (point > 0xff || (upper && (point == 0xb5 || point == 0xdf || point == 0xff))) {
    return -1;
  }
  bool lower_letter = (point >= 'a' && point <= 'z') || (point >= 0xe0 && point <= 0xfe && point != 0xf7);
  bool upper_letter = (point >= 'A' && point <= 'Z') || (point >= 0xc0 && point <= 0xde && point != 0xd7);
  return upper && lower_letter ? point - 0x20 : !upper && upper_letter ? point + 0x20 : point;
}

static uint64_t little_endian(const uint8_t *bytes, int count) {
  uint64_t value = 0;
  for (int i = count - 1; i >= 0; i--) {
    value = value << 8 | bytes[i];
  }
  return value;
}

static uint64_t rotated(uint64_t value, unsigned bits) { return value << bits | value >> (64 - bits); }

/* From the text of the specification, step by step. */
static uint64_t xxh64(const uint8_t *data, int64_t length, uint64_t seed) {
  const uint64_t p1 = UINT64_C(11400714785074694791);
  const uint64_t p2 = UINT64_C(14029467366897019727);
  const uint64_t p3 = UINT64_C(1609587929392839161);
  const uint64_t p4 = UINT64_C(9650029242287828579);
  const uint64_t p5 = UINT64_C(2870177450012600261);
  const uint8_t *end = data + length;
  uint64_t hash = seed + p5;
  if (length >= 32) {
    uint64_t v[4] = {seed + p1 + p2, seed + p2, seed, seed - p1};
    for (int lane = 0; end - data >= 32 || lane != 0; lane = (lane + 1) % 4, data += 8) {
      v[lane] = rotated(v[lane] + little_endian(data, 8) * p2, 31) * p1;
    }
    hash = rotated(v[0], 1) + rotated(v[1], 7) + rotated(v[2], 12) + rotated(v[3], 18);
    for (int lane = 0; lane < 4; lane++) {
      hash ^= rotated(v[lane] * p2, 31) * p1;
      hash = hash * p1 + p4;
    }
  }
  hash += (uint64_t)length;
  while (data < end) {
    if (end - data >= 8) {
      hash ^= rotated(little_endian(data, 8) * p2, 31) * p1;
      hash = rotated(hash, 27) * p1 + p4;
      data += 8;
    } else if (end - data >= 4) {
      hash ^= little_endian(data, 4) * p1;
      hash = rotated(hash, 23) * p2 + p3;
      data += 4;
    } else {
      hash ^= *data++ * p5;
      hash = rotated(hash, 11) * p1;
    }
  }
  hash ^= hash >> 33;
  hash *= p2;
  hash ^= hash >> 29;
  hash *= p3;
  return hash ^ hash >> 32;
}

/* ---- numbers, an execution each */

#define UNWRITTEN 77

static void check_integer(int32_t status, int64_t result, __int128 expected) {
  bool fits = expected >= INT64_MIN && expected <= INT64_MAX;
  CHECK(status == (fits ? HD_OK : HD_OVERFLOW));
  CHECK(result == (fits ? (int64_t)expected : UNWRITTEN));
}

static void fuzz_add(void) {
  int64_t a = any_int64();
  int64_t b = any_int64();
  int64_t result = UNWRITTEN;
  int32_t status = hd_add_i64(a, b, &result);
  check_integer(status, result, (__int128)a + b);
  int64_t *bad = &result;
  uint32_t errors = spoil_result(&bad);
  CHECK(is_among(hd_add_i64(a, b, bad), errors));
}

static void fuzz_multiply(void) {
  int64_t a = any_int64();
  int64_t b = any_int64();
  int64_t result = UNWRITTEN;
  int32_t status = hd_multiply_i64(a, b, &result);
  check_integer(status, result, (__int128)a * b);
  int64_t *bad = &result;
  uint32_t errors = spoil_result(&bad);
  CHECK(is_among(hd_multiply_i64(a, b, bad), errors));
}

static void fuzz_sum(void) {
  int64_t count = any_length();
  int64_t *values = exactly(count * 8);
  __int128 sum = 0;
  uint64_t shift = below(64);
  for (int64_t i = 0; i < count; i++) {
    values[i] = (int64_t)any_number() >> shift;
    sum += values[i];
  }
  int64_t result = UNWRITTEN;
  int32_t status = hd_sum_i64(values, count, &result);
  check_integer(status, result, sum);

  int64_t *bad_result = &result;
  uint32_t errors = spoil_result(&bad_result);
  CHECK(is_among(hd_sum_i64(values, count, bad_result), errors));
  const void *bad = values;
  result = UNWRITTEN;
  errors = spoil_numbers(&bad, &count);
  CHECK(is_among(hd_sum_i64(bad, count, &result), errors) && result == UNWRITTEN);
  free(values);
}

static void fuzz_factorial(void) {
  int64_t n = one_of(2) ? any_int64() : (int64_t)below(30);
  int64_t result = UNWRITTEN;
  int32_t status = hd_factorial_i64(n, &result);
  if (n < 0) {
    CHECK(status == HD_RANGE && result == UNWRITTEN);
  } else {
    __int128 product = 1;
    for (int64_t factor = n < 30 ? n : 30; factor > 1; factor--) {
      product *= factor;
    }
    check_integer(status, result, product);
  }
  int64_t *bad = &result;
  uint32_t errors = spoil_result(&bad) | (n < 0 ? only(HD_RANGE) : 0);
  CHECK(is_among(hd_factorial_i64(n, bad), errors));
}

/* Rows of Pascal's triangle, up to the one before the first whose greatest number does not fit into 128 bits. */
#define PASCAL_ROWS 130

static const __int128 *pascal_row(int64_t n) {
  static __int128 rows[PASCAL_ROWS][PASCAL_ROWS];
  if (rows[0][0] == 0) {
    for (int i = 0; i < PASCAL_ROWS; i++) {
      rows[i][0] = 1;
      for (int j = 1; j <= i; j++) {
        rows[i][j] = rows[i - 1][j - 1] + (j < i ? rows[i - 1][j] : 0);
      }
    }
  }
  return rows[n];
}

static void fuzz_binomial(void) {
  int64_t result = UNWRITTEN;
  int64_t n = (int64_t)below(PASCAL_ROWS);
  int64_t k = (int64_t)below(PASCAL_ROWS);
  int32_t status = hd_binomial_i64(n, k, &result);
  check_integer(status, result, k > n ? 0 : pascal_row(n)[k]);

  /* Of many, few or all but few: n * (n - 1) / 2 needs no table. */
  n = any_int64();
  k = one_of(2) ? (int64_t)below(3) : n < 0 ? n : n - (int64_t)below(3);
  result = UNWRITTEN;
  status = hd_binomial_i64(n, k, &result);
  if (n < 0 || k < 0) {
    CHECK(status == HD_RANGE && result == UNWRITTEN);
  } else {
    int64_t few = k > n ? -1 : k < n - k ? k : n - k;
    __int128 ways[] = {0, 1, n, (__int128)n * (n - 1) / 2};
    check_integer(status, result, ways[few + 1]);
  }
  int64_t *bad = &result;
  uint32_t errors = spoil_result(&bad) | (n < 0 || k < 0 ? only(HD_RANGE) : 0);
  CHECK(is_among(hd_binomial_i64(n, k, bad), errors));
}

static void fuzz_dot(void) {
  int64_t count = any_length();
  double *a = any_doubles(count);
  double *b = any_doubles(count);
  double expected = sum_in_order(PRODUCT, a, b, 0, count);
  int32_t status = -1;
  CHECK(same_double(hd_dot_f64(a, b, count, one_of(2) ? &status : NULL), expected) && status <= HD_OK);
  for (int i = 0; i < table_count; i++) {
    CHECK(same_double(tables[i]->dot(a, b, count), expected));
  }
  const void *bad = a;
  uint32_t errors = spoil_numbers(&bad, &count);
  bool first = one_of(2);
  CHECK(hd_dot_f64(first ? bad : b, first ? b : bad, count, &status) == 0 && is_among(status, errors));
  free(a);
  free(b);
}

static void fuzz_axpy(void) {
  int64_t count = any_length();
  double alpha = any_double(below(3));
  /* Both in one piece of memory, most often next to each other, sometimes the same or overlapping. */
  double *both = any_doubles(2 * count);
  int64_t x = one_of(4) ? (int64_t)below((uint64_t)count + 1) : 0;
  int64_t y = one_of(4) ? x : one_of(4) ? (int64_t)below((uint64_t)count + 1) : count;
  bool overlaps = x != y && llabs(x - y) < count;
  double *expected = copy_of(both, 2 * count * 8);
  for (int64_t i = 0; i < count && !overlaps; i++) {
    double product = alpha * both[x + i];
    expected[y + i] = both[y + i] + product;
  }
  for (int i = 0; i < table_count && !overlaps; i++) {
    double *copy = copy_of(both, 2 * count * 8);
    tables[i]->axpy(alpha, copy + x, copy + y, count);
    CHECK(same_doubles(copy, expected, 2 * count));
    free(copy);
  }
  CHECK(hd_axpy_f64(alpha, both + x, both + y, count) == (overlaps ? HD_OVERLAP : HD_OK));
  CHECK(same_doubles(both, expected, 2 * count));

  const void *bad = both + x;
  int64_t bad_count = count;
  uint32_t errors = spoil_numbers(&bad, &bad_count);
  bool first = one_of(2);
  CHECK(is_among(first ? hd_axpy_f64(alpha, bad, expected, bad_count)
                       : hd_axpy_f64(alpha, expected, (double *)(uintptr_t)bad, bad_count),
                 errors));
  free(both);
  free(expected);
}

static bool is_close(double a, double b, double scale) { return fabs(a - b) <= 1e-9 * scale; }

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

  double mean = sum_in_order(VALUE, values, NULL, 0, count) / (double)count;
  double variance = count < 2 ? NAN : sum_in_order(SQUARE, values, NULL, mean, count) / (double)(count - 1);
  if (count <= HDI_STATISTICS_BLOCK) {
    CHECK(same_double(found.mean, mean) && same_double(found.variance, variance));
  } else if (!has_nan && least >= -15625 && greatest <= 15625) {
    CHECK(is_close(found.mean, mean, 15625) && is_close(found.variance, variance, variance));
  }
  for (int i = 0; count > 0 && count <= HDI_STATISTICS_BLOCK && i < table_count; i++) {
    struct hdi_block block;
    tables[i]->statistics(values, count, &block);
    CHECK(same_double(block.mean, mean) && block.has_nan == has_nan && block.min == least && block.max == greatest);
    CHECK(same_double(block.deviations, sum_in_order(SQUARE, values, NULL, mean, count)));
  }

  const void *bad = values;
  int64_t bad_count = count;
  uint32_t errors = spoil_numbers(&bad, &bad_count);
  found.count = UNWRITTEN;
  CHECK(is_among(hd_statistics_f64(bad, bad_count, &found), errors) && found.count == UNWRITTEN);
  int64_t *bad_result = &found.count;
  errors = spoil_result(&bad_result);
  CHECK(is_among(hd_statistics_f64(values, count, (struct hd_statistics *)(uintptr_t)bad_result), errors));
  free(values);
}

/* ---- long ones */

static int64_t calls;
static int64_t last_call; /* the one that stops, from 1; 0 for none */
static int64_t last_done;
static int32_t flag;
static bool sets_flag;
static bool in_order;

static int32_t heard(int64_t done, int64_t total) {
  in_order &= done >= last_done && done <= total;
  last_done = done;
  if (++calls != last_call) {
    return 0;
  }
  flag = sets_flag;
  return !sets_flag;
}

/* Chooses a way to be told of progress. */
static hd_progress listen(void) {
  calls = 0;
  last_call = one_of(4) ? 1 + (int64_t)below(4) : 0;
  last_done = 0;
  flag = 0;
  sets_flag = one_of(2);
  in_order = true;
  return last_call > 0 || one_of(2) ? heard : NULL;
}

/* Whether a run that should have come to its end has, or has been stopped by the one who listened. */
static bool has_ended(int32_t status) {
  CHECK(in_order);
  bool stopped = last_call > 0 && calls >= last_call;
  CHECK(!stopped || calls == last_call);
  if (stopped && sets_flag) {
    CHECK(status == HD_CANCELLED || status == HD_OK); /* nobody looks at the flag after the last call */
  } else {
    CHECK(status == (stopped ? HD_STOPPED : HD_OK));
  }
  return status == HD_OK;
}

static void fuzz_matmul(void) {
  bool large = one_of(1000);
  int64_t rows = (int64_t)below(large ? 80 : 14);
  int64_t inner = (int64_t)below(large ? 140 : one_of(8) ? 80 : 12);
  int64_t columns = (int64_t)below(large ? 300 : 28);
  double *a = any_doubles(rows * inner);
  double *b = any_doubles(inner * columns);
  double *c = any_doubles(rows * columns);
  double *expected = exactly(rows * columns * 8);
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) {
      double sum = 0;
      for (int64_t k = 0; k < inner; k++) {
        double product = a[i * inner + k] * b[k * columns + j];
        sum += product;
      }
      expected[i * columns + j] = sum;
    }
  }
  hd_progress progress = listen();
  if (has_ended(hd_matmul_f64(a, b, c, rows, inner, columns, progress, &flag))) {
    CHECK(same_doubles(c, expected, rows * columns));
  }
  for (int i = 0; i < table_count && inner <= HDI_MATMUL_INNER; i++) {
    for (int64_t j = 0; j < rows * columns; j++) {
      c[j] = 0;
    }
    tables[i]->matmul(a, b, c, rows, inner, columns, inner, columns);
    CHECK(same_doubles(c, expected, rows * columns));
  }

  /* Each of the three sides and of the three places, wrong in its turn. */
  int64_t sides[] = {rows + 1, inner + 1, columns + 1};
  uint64_t side = below(3);
  sides[side] = one_of(2) ? negative() : INT64_C(1) + INT32_MAX + (any_int64() & (INT64_MAX >> 1));
  CHECK(hd_matmul_f64(a, b, c, sides[0], sides[1], sides[2], NULL, NULL) == HD_RANGE);
  double *places[] = {a, b, c};
  uint64_t place = below(3);
  bool null = one_of(2);
  places[place] = null ? NULL : (double *)((uintptr_t)places[place] + 1 + below(7));
  bool empty = (place == 0 ? rows * inner : place == 1 ? inner * columns : rows * columns) == 0;
  if (!null || !empty) {
    CHECK(hd_matmul_f64(places[0], places[1], places[2], rows, inner, columns, NULL, NULL) ==
          (null ? HD_NULL : HD_MISALIGNED));
  }
  /* c begins somewhere in a or b, or behind it; nothing overlaps with what is empty. */
  bool in_a = one_of(2);
  int64_t size = in_a ? rows * inner : inner * columns;
  int64_t begin = (int64_t)below((uint64_t)size + 1);
  double *joined = any_doubles(size + rows * columns);
  bool overlaps = begin < size && rows * columns > 0;
  CHECK(hd_matmul_f64(in_a ? joined : a, in_a ? b : joined, joined + begin, rows, inner, columns, NULL, NULL) ==
        (overlaps ? HD_OVERLAP : HD_OK));
  free(joined);
  free(a);
  free(b);
  free(c);
  free(expected);
}

#define SIEVE_MOST 600000

static bool is_prime(int64_t number) {
  static bool composite[SIEVE_MOST + 1];
  if (!composite[0]) {
    composite[0] = true;
    composite[1] = true;
    for (int64_t i = 2; i <= SIEVE_MOST; i++) {
      for (int64_t j = 2; j * i <= SIEVE_MOST; j++) {
        composite[j * i] = true;
      }
    }
  }
  return !composite[number];
}

static void fuzz_sieve(void) {
  int64_t limit = (int64_t)below(one_of(1000) ? SIEVE_MOST + 1 : 2000);
  int64_t bytes = limit / 16 + 1;
  int64_t capacity = bytes + (int64_t)below(3);
  uint8_t *bits = exactly(capacity);
  memset(bits, 0x5a, (size_t)capacity);
  int64_t primes = UNWRITTEN;
  hd_progress progress = listen();
  if (has_ended(hd_sieve(limit, bits, capacity, &primes, progress, &flag))) {
    int64_t expected = limit >= 2;
    bool right = true;
    for (int64_t number = 1; number < 16 * bytes; number += 2) {
      bool prime = number <= limit && is_prime(number);
      expected += prime;
      right &= (bits[number / 16] >> (number / 2 % 8) & 1) == prime;
    }
    CHECK(right && primes == expected);
  } else {
    CHECK(primes == UNWRITTEN);
  }
  CHECK(is_filled(bits + bytes, capacity - bytes, 0x5a));

  memset(bits, 0x5a, (size_t)capacity);
  CHECK(hd_sieve(limit, bits, (int64_t)below((uint64_t)bytes), &primes, NULL, NULL) == HD_CAPACITY);
  CHECK(hd_sieve(limit, bits, negative(), &primes, NULL, NULL) == HD_RANGE);
  CHECK(hd_sieve(negative(), bits, capacity, &primes, NULL, NULL) == HD_RANGE);
  int64_t too_much = HD_SIEVE_MAX + 1 + (any_int64() & (INT64_MAX >> 1));
  CHECK(hd_sieve(too_much, bits, INT64_MAX, &primes, NULL, NULL) == HD_RANGE);
  CHECK(hd_sieve(limit, NULL, capacity, &primes, NULL, NULL) == HD_NULL);
  int64_t *bad = &primes;
  uint32_t errors = spoil_result(&bad);
  CHECK(is_among(hd_sieve(limit, bits, capacity, bad, NULL, NULL), errors));
  CHECK(is_filled(bits, capacity, 0x5a));
  free(bits);
}

static void fuzz_monte_carlo(void) {
  int64_t samples = (int64_t)below(one_of(5000) ? 300000 : 200);
  uint64_t seed = any_number();
  uint64_t own = seed;
  int64_t expected = 0;
  int64_t inside = UNWRITTEN;
  for (int64_t i = 0; i < samples; i++) {
    uint64_t random = next_random(&own);
    __int128 x = random >> 33;
    __int128 y = random & 0x7fffffff;
    expected += x * x + y * y < (__int128)1 << 62;
  }
  hd_progress progress = listen();
  bool ended = has_ended(hd_monte_carlo(samples, seed, &inside, progress, &flag));
  CHECK(inside == (ended ? expected : UNWRITTEN));
  inside = UNWRITTEN;
  CHECK(hd_monte_carlo(negative(), seed, &inside, NULL, NULL) == HD_RANGE && inside == UNWRITTEN);
  int64_t *bad = &inside;
  uint32_t errors = spoil_result(&bad);
  CHECK(is_among(hd_monte_carlo(samples, seed, bad, NULL, NULL), errors));
}

/* ---- texts */

static void fuzz_validate(void) {
  int64_t length = any_length();
  uint8_t *text = any_text(length);
  int64_t invalid = first_invalid(text, length);
  int64_t offset = UNWRITTEN;
  CHECK(hd_utf8_validate(text, length, &offset) == (invalid < 0 ? HD_OK : HD_INVALID_UTF8));
  CHECK(offset == (invalid < 0 ? UNWRITTEN : invalid));
  for (int i = 0; i < table_count; i++) {
    int64_t valid = tables[i]->utf8_valid(text, length);
    CHECK(valid >= 0 && valid <= length && first_invalid(text, valid) < 0);
    int64_t ascii = tables[i]->ascii(text, length);
    CHECK(ascii >= 0 && ascii <= length);
    for (int64_t j = 0; j < ascii; j++) {
      CHECK(text[j] < 0x80);
    }
  }
  int64_t *bad_offset = &offset;
  uint32_t errors = spoil_result(&bad_offset);
  CHECK(is_among(hd_utf8_validate(text, length, bad_offset), errors));
  const uint8_t *bad = text;
  offset = UNWRITTEN;
  errors = spoil_text(&bad, &length);
  CHECK(is_among(hd_utf8_validate(bad, length, &offset), errors) && offset == UNWRITTEN);
  free(text);
}

static void check_count(int64_t (*function)(const uint8_t *, int64_t, int32_t *), const uint8_t *text, int64_t length,
                        int64_t expected) {
  int32_t status = -1;
  CHECK(function(text, length, one_of(2) ? &status : NULL) == expected && status <= HD_OK);
  uint32_t errors = spoil_text(&text, &length);
  CHECK(function(text, length, &status) == 0 && is_among(status, errors));
}

static void fuzz_count(void) {
  int64_t length = any_length();
  uint8_t *text = any_text(length);
  int64_t points = 0;
  for (int64_t i = 0; i < length; i++) {
    points += text[i] < 0x80 || text[i] > 0xbf;
  }
  for (int i = 0; i < table_count; i++) {
    CHECK(tables[i]->utf8_count(text, length) == points);
  }
  check_count(hd_utf8_count, text, length, points);
  free(text);
}

static void fuzz_count_words(void) {
  int64_t length = any_length();
  uint8_t *text = any_text(length);
  int64_t words = 0;
  bool after_space = true;
  for (int64_t i = 0; i < length; i++) {
    bool space = memchr(" \t\n\v\f\r", text[i], 6) != NULL;
    words += after_space && !space;
    after_space = space;
  }
  for (int i = 0; i < table_count; i++) {
    CHECK(tables[i]->count_words(text, length) == words);
  }
  check_count(hd_count_words, text, length, words);
  free(text);
}

typedef int32_t (*change)(const uint8_t *text, int64_t length, uint8_t *changed, int64_t capacity);

/* What a function does with a text, its status and what it should write, is known; with wrong arguments, too. */
static void check_change(change function, const uint8_t *text, int64_t length, int32_t expected,
                         const uint8_t *result) {
  int64_t capacity = length + (one_of(4) ? (int64_t)below(40) : 0);
  uint8_t *changed = exactly(capacity);
  memset(changed, 0xee, (size_t)capacity);
  CHECK(function(text, length, changed, capacity) == expected);
  int64_t written = expected == HD_OK ? length : 0;
  CHECK(memcmp(changed, result, (size_t)written) == 0 && is_filled(changed + written, capacity - written, 0xee));

  memset(changed, 0xee, (size_t)capacity);
  const uint8_t *bad = text;
  int64_t bad_length = length;
  uint32_t errors = spoil_text(&bad, &bad_length) | only(HD_CAPACITY);
  CHECK(is_among(function(bad, bad_length, changed, capacity), errors));
  bad = changed;
  int64_t bad_capacity = capacity;
  errors = spoil_text(&bad, &bad_capacity) | only(HD_CAPACITY);
  CHECK(is_among(function(text, length, (uint8_t *)(uintptr_t)bad, bad_capacity), errors));
  if (length > 0) {
    CHECK(function(text, length, changed, (int64_t)below((uint64_t)length)) == HD_CAPACITY);
  }
  CHECK(is_filled(changed, capacity, 0xee));
  free(changed);

  /* Both in one piece of memory. */
  uint8_t *both = exactly(2 * length);
  int64_t from = one_of(4) ? (int64_t)below((uint64_t)length + 1) : 0;
  int64_t to = one_of(4) ? (int64_t)below((uint64_t)length + 1) : length;
  memset(both, 0xee, (size_t)length * 2);
  memcpy(both + from, text, (size_t)length);
  uint8_t *before = copy_of(both, 2 * length);
  bool overlaps = llabs(from - to) < length;
  int32_t status = function(both + from, length, both + to, length);
  CHECK(status == (overlaps ? HD_OVERLAP : expected));
  if (status == HD_OK) {
    memcpy(before + to, result, (size_t)length);
  }
  CHECK(memcmp(both, before, (size_t)length * 2) == 0);
  free(both);
  free(before);
}

static void fuzz_reverse(void) {
  int64_t length = any_length();
  uint8_t *text = any_text(length);
  uint8_t *result = exactly(length);
  int32_t status = first_invalid(text, length) < 0 ? HD_OK : HD_INVALID_UTF8;
  int size = 1;
  for (int64_t i = 0; status == HD_OK && i < length; i += size) {
    decode(text + i, length - i, &size);
    memcpy(result + length - i - size, text + i, (size_t)size);
  }
  check_change(hd_utf8_reverse, text, length, status, result);
  free(text);
  free(result);
}

static void fuzz_case(bool upper) {
  int64_t length = any_length();
  uint8_t *text = any_text(length);
  uint8_t *result = exactly(length);
  int32_t status = first_invalid(text, length) < 0 ? HD_OK : HD_INVALID_UTF8;
  int size = 1;
  for (int64_t i = 0; status == HD_OK && i < length; i += size) {
    int32_t other = other_case(decode(text + i, length - i, &size), upper);
    if (other < 0) {
      status = HD_UNSUPPORTED;
    } else if (size == 1) {
      result[i] = (uint8_t)other;
    } else {
      result[i] = (uint8_t)(0xc0 | other >> 6);
      result[i + 1] = (uint8_t)(0x80 | (other & 0x3f));
    }
  }
  check_change(upper ? hd_utf8_upper : hd_utf8_lower, text, length, status, result);

  /* The kernels leave all but ASCII as it is. */
  for (int64_t i = 0; i < length; i++) {
    int32_t other = text[i] < 0x80 ? other_case(text[i], upper) : text[i];
    result[i] = (uint8_t)other;
  }
  uint8_t *changed = exactly(length);
  for (int i = 0; i < table_count; i++) {
    tables[i]->change_case(text, length, changed, upper ? 'a' : 'A');
    CHECK(memcmp(changed, result, (size_t)length) == 0);
  }
  free(changed);
  free(text);
  free(result);
}

static void fuzz_upper(void) { fuzz_case(true); }

static void fuzz_lower(void) { fuzz_case(false); }

static void fuzz_find(void) {
  int64_t length = any_length();
  uint8_t *text = any_text(length);
  int64_t size = (int64_t)below(one_of(4) ? 80 : 5);
  bool is_part = size <= length && one_of(2);
  uint8_t *needle = is_part ? copy_of(text + below((uint64_t)(length - size) + 1), size) : any_text(size);
  int64_t expected = -1;
  for (int64_t i = 0; expected < 0 && i + size <= length; i++) {
    expected = memcmp(text + i, needle, (size_t)size) == 0 ? i : -1;
  }
  int32_t status = -1;
  CHECK(hd_find(text, length, needle, size, one_of(2) ? &status : NULL) == expected && status <= HD_OK);
  for (int i = 0; size > 0 && size <= length && i < table_count; i++) {
    CHECK(tables[i]->find(text, length, needle, size) == expected);
  }
  const uint8_t *bad = text;
  uint32_t errors = spoil_text(&bad, &length);
  CHECK(hd_find(bad, length, needle, size, &status) == -1 && is_among(status, errors));
  bad = needle;
  errors = spoil_text(&bad, &size);
  CHECK(hd_find(needle, 0, bad, size, &status) == -1 && is_among(status, errors));
  free(text);
  free(needle);
}

static void fuzz_fnv1a(void) {
  int64_t length = any_length();
  uint8_t *data = any_text(length);
  uint64_t expected = UINT64_C(14695981039346656037);
  for (int64_t i = 0; i < length; i++) {
    expected ^= data[i];
    expected *= UINT64_C(1099511628211);
  }
  int32_t status = -1;
  CHECK(hd_fnv1a_64(data, length, one_of(2) ? &status : NULL) == expected && status <= HD_OK);
  const uint8_t *bad = data;
  uint32_t errors = spoil_text(&bad, &length);
  CHECK(hd_fnv1a_64(bad, length, &status) == 0 && is_among(status, errors));
  free(data);
}

static void fuzz_xxh64(void) {
  int64_t before = (int64_t)below(8); /* at any alignment */
  int64_t length = any_length();
  uint8_t *data = any_text(before + length);
  uint64_t seed = one_of(4) ? 0 : any_number();
  int32_t status = -1;
  CHECK(hd_xxh64(data + before, length, seed, one_of(2) ? &status : NULL) == xxh64(data + before, length, seed));
  CHECK(status <= HD_OK);
  const uint8_t *bad = data;
  uint32_t errors = spoil_text(&bad, &length);
  CHECK(hd_xxh64(bad, length, seed, &status) == 0 && is_among(status, errors));
  free(data);
}

static void fuzz_library(void) {
  static const size_t layout[] = {sizeof(struct hd_statistics),           offsetof(struct hd_statistics, count),
                                  offsetof(struct hd_statistics, mean),   offsetof(struct hd_statistics, variance),
                                  offsetof(struct hd_statistics, min),    offsetof(struct hd_statistics, max)};
  int32_t field = one_of(2) ? (int32_t)any_int64() : (int32_t)below(8);
  bool known = field >= 0 && field < (int32_t)COUNT_OF(layout);
  CHECK(hd_layout_statistics(field) == (known ? (int32_t)layout[field] : -1));
  CHECK(hd_abi_version() == HD_ABI_VERSION && hd_target() == tables[table_count - 1]->target);
}

/* ---- all of them */

static const struct {
  const char *name;
  void (*run)(void);
} functions[] = {
    {"hd_layout_statistics", fuzz_library},
    {"hd_add_i64", fuzz_add},
    {"hd_multiply_i64", fuzz_multiply},
    {"hd_sum_i64", fuzz_sum},
    {"hd_factorial_i64", fuzz_factorial},
    {"hd_binomial_i64", fuzz_binomial},
    {"hd_dot_f64", fuzz_dot},
    {"hd_axpy_f64", fuzz_axpy},
    {"hd_statistics_f64", fuzz_statistics},
    {"hd_matmul_f64", fuzz_matmul},
    {"hd_sieve", fuzz_sieve},
    {"hd_monte_carlo", fuzz_monte_carlo},
    {"hd_utf8_validate", fuzz_validate},
    {"hd_utf8_count", fuzz_count},
    {"hd_utf8_reverse", fuzz_reverse},
    {"hd_utf8_upper", fuzz_upper},
    {"hd_utf8_lower", fuzz_lower},
    {"hd_count_words", fuzz_count_words},
    {"hd_find", fuzz_find},
    {"hd_fnv1a_64", fuzz_fnv1a},
    {"hd_xxh64", fuzz_xxh64},
};

/* The baseline, and what the processor has beyond that. */
static void choose_tables(void) {
  tables[0] = &hdi_kernels_baseline;
  table_count = 1;
  if (hdi_kernels() != tables[0]) {
    tables[table_count++] = hdi_kernels();
  }
}

#if defined(HD_LIBFUZZER)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) {
    return 0;
  }
  choose_tables();
  state = 0;
  choices = data + 1;
  choices_left = size - 1;
  functions[data[0] % COUNT_OF(functions)].run();
  if (failures != 0) {
    abort();
  }
  return 0;
}

#else

int main(int count, char **arguments) {
  int64_t executions = count > 1 ? strtoll(arguments[1], NULL, 10) : 20000;
  uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
  choose_tables();
  printf("fuzz: seed %" PRIu64 ", %d tables of kernels\n", seed, table_count);
  for (size_t i = 0; i < COUNT_OF(functions); i++) {
    for (int64_t j = 0; j < executions; j++) {
      state = seed + (uint64_t)j * COUNT_OF(functions) + i;
      functions[i].run();
      if (failures != 0) {
        fprintf(stderr, "fuzz: failed: function=%s, execution=%" PRId64 ", seed=%" PRIu64 "\n", functions[i].name, j,
                seed);
        return 1;
      }
    }
    printf("  %s: %" PRId64 " executions\n", functions[i].name, executions);
  }
  return 0;
}

#endif
