/* Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0 */

/*
 * Operations on numbers and texts, to be called from any language.
 *
 * Rules.        Every function checks its arguments before it writes anything, and returns a status; those with one
 *               number as their result, for any valid arguments, return that, and write the status to a pointer, which
 *               may be null. Other pointers may be null only where the length that belongs to them is 0, or where it
 *               says so. Lengths and counts are signed; a negative one is HD_RANGE. Doubles and 64-bit integers must be
 *               aligned to 8 bytes. Memory that is written must not overlap with memory that is read, unless it says
 *               so; results of one number or structure are written last, and may lie anywhere. If another thread
 *               changes what is read meanwhile, the result is unspecified, but nothing beyond it is touched.
 * State.        There is none, but for the choice of vector instructions, made when the library is loaded.
 *               Functions may be called from any thread; nothing is allocated, and no pointer is kept.
 * Numbers.      Sums of doubles are made in a fixed order: 16 partial sums, element i in number i mod 16, added up as
 *               a tree. So results have the same bits with each kind of vector instructions, and in any language
 *               that adds in this order. Products are rounded before they are added.
 * Long ones.    Functions with hd_progress and a cancel flag look at the flag, and call back, after at most a
 *               millisecond of work. What they have written when they are stopped is unspecified.
 */
#ifndef HEDDLE_H
#define HEDDLE_H

#include <stdint.h>

#if defined(_WIN32)
#define HD_API __declspec(dllexport)
#else
#define HD_API __attribute__((visibility("default")))
#endif

/** Grows when a function or a layout changes; hd_abi_version() is that of the library. */
#define HD_ABI_VERSION 1

/** What a function returns. */
enum {
  HD_OK = 0,
  HD_OVERFLOW = 1,     /**< the result does not fit */
  HD_RANGE = 2,        /**< an argument is out of its range */
  HD_NULL = 3,         /**< a pointer is null that must not be */
  HD_MISALIGNED = 4,   /**< a pointer to numbers is not aligned to them */
  HD_OVERLAP = 5,      /**< memory that is written overlaps with memory that is read */
  HD_INVALID_UTF8 = 6, /**< a text is not UTF-8 */
  HD_CAPACITY = 7,     /**< the result does not fit into the memory for it */
  HD_UNSUPPORTED = 8,  /**< the text has characters that this function leaves to others */
  HD_STOPPED = 9,      /**< the callback has asked to stop */
  HD_CANCELLED = 10,   /**< the cancel flag was set */
  HD_STACK = 11        /**< not enough stack is left for a callback */
};

/** Which vector instructions are used. */
enum { HD_TARGET_BASELINE = 0, HD_TARGET_AVX2 = 1 };

/**
 * Called by long functions.
 *
 * @param done so much of the work, 0 to total
 * @param total of so much
 * @return 0 to go on; anything else stops the function, which then returns HD_STOPPED
 */
typedef int32_t (*hd_progress)(int64_t done, int64_t total);

/** What hd_statistics_f64 finds out. */
struct hd_statistics {
  int64_t count;   /**< of values */
  double mean;     /**< NaN without values */
  double variance; /**< of a sample: squared deviations over count - 1; NaN with fewer than two values */
  double min;      /**< NaN without values or if one is NaN; a zero is +0.0 */
  double max;      /**< likewise */
};

/** Returns HD_ABI_VERSION of the library. */
HD_API int32_t hd_abi_version(void);

/** Returns HD_TARGET_BASELINE or HD_TARGET_AVX2. */
HD_API int32_t hd_target(void);

/**
 * Tells how struct hd_statistics lies in memory.
 *
 * @param field 0 for its size, 1 to 5 for the offset of a field in the order of their declaration
 * @return bytes, -1 for another field
 */
HD_API int32_t hd_layout_statistics(int32_t field);

/* ---- numbers */

/** sum = a + b. HD_OVERFLOW if that does not fit. */
HD_API int32_t hd_add_i64(int64_t a, int64_t b, int64_t *sum);

/** product = a * b. HD_OVERFLOW if that does not fit. */
HD_API int32_t hd_multiply_i64(int64_t a, int64_t b, int64_t *product);

/** The sum of count values. HD_OVERFLOW if it does not fit, whatever sums of fewer values are. */
HD_API int32_t hd_sum_i64(const int64_t *values, int64_t count, int64_t *sum);

/** n!, n from 0. HD_OVERFLOW from 21 on. */
HD_API int32_t hd_factorial_i64(int64_t n, int64_t *factorial);

/** The number of ways to choose k of n, both from 0; 0 if k > n. */
HD_API int32_t hd_binomial_i64(int64_t n, int64_t k, int64_t *binomial);

/** Returns the sum of a[i] * b[i]. */
HD_API double hd_dot_f64(const double *a, const double *b, int64_t count, int32_t *status);

/** y[i] += alpha * x[i]. x and y may be the same. */
HD_API int32_t hd_axpy_f64(double alpha, const double *x, double *y, int64_t count);

/**
 * Count, mean, variance, least and greatest of values. Blocks of 2,048 values have mean and deviations computed in
 * two passes, and are put together as in Chan, Golub, LeVeque, "Updating Formulae and a Pairwise Algorithm for
 * Computing Sample Variances", 1979.
 */
HD_API int32_t hd_statistics_f64(const double *values, int64_t count, struct hd_statistics *statistics);

/**
 * c = a * b, of matrices that are stored row by row: a has rows x inner, b inner x columns, c rows x columns values,
 * none more than 2^31 - 1 to a side. Each value of c is a sum in the order of inner, whatever the blocks are.
 * Long: progress in values of c.
 */
HD_API int32_t hd_matmul_f64(const double *a, const double *b, double *c, int64_t rows, int64_t inner,
                             int64_t columns, hd_progress progress, const int32_t *cancelled);

/** The most that hd_sieve takes. */
#define HD_SIEVE_MAX (INT64_C(1) << 36)

/**
 * Finds the primes up to limit (0 to HD_SIEVE_MAX) by a segmented sieve of Eratosthenes.
 *
 * @param bits limit / 16 + 1 bytes: bit i says whether 2 * i + 1 is a prime; bits beyond the limit are 0. 2 has none
 * @param primes how many there are, 2 included
 */
HD_API int32_t hd_sieve(int64_t limit, uint8_t *bits, int64_t capacity, int64_t *primes, hd_progress progress,
                        const int32_t *cancelled);

/**
 * Counts how many of samples points of the unit square are less than 1 away from the origin: about pi / 4 of them.
 * Point i has the two halves of the number i of SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
 * Generators", 2014) as coordinates, 31 bits each. Long: progress in points.
 */
HD_API int32_t hd_monte_carlo(int64_t samples, uint64_t seed, int64_t *inside, hd_progress progress,
                              const int32_t *cancelled);

/* ---- texts, in UTF-8 without an end mark: bytes of 0 are characters */

/** HD_OK if a text is UTF-8 (RFC 3629); otherwise offset is where the first bad sequence begins. */
HD_API int32_t hd_utf8_validate(const uint8_t *text, int64_t length, int64_t *offset);

/** Returns the number of code points of a valid text; of others, of bytes that are not 10xxxxxx. */
HD_API int64_t hd_utf8_count(const uint8_t *text, int64_t length, int32_t *status);

/** Puts the code points of a text into the opposite order, into as many bytes. */
HD_API int32_t hd_utf8_reverse(const uint8_t *text, int64_t length, uint8_t *reversed, int64_t capacity);

/**
 * Makes upper case, as many bytes, of a text of ASCII and Latin-1 characters; the text is looked at first.
 * HD_UNSUPPORTED if it has others, or those whose upper case is not in Latin-1: U+00B5, U+00DF and U+00FF.
 */
HD_API int32_t hd_utf8_upper(const uint8_t *text, int64_t length, uint8_t *upper, int64_t capacity);

/** Likewise, lower case. */
HD_API int32_t hd_utf8_lower(const uint8_t *text, int64_t length, uint8_t *lower, int64_t capacity);

/** Returns the number of words: longest runs of bytes that are none of space, \t, \n, \v, \f, \r. */
HD_API int64_t hd_count_words(const uint8_t *text, int64_t length, int32_t *status);

/**
 * Returns the first place where needle is in text: -1 if there is none, 0 for an empty needle.
 * Takes time in proportion to the text for most, and to the product of both lengths for the worst.
 */
HD_API int64_t hd_find(const uint8_t *text, int64_t length, const uint8_t *needle, int64_t needle_length,
                       int32_t *status);

/** Returns FNV-1a of 64 bits (RFC 9923). */
HD_API uint64_t hd_fnv1a_64(const uint8_t *data, int64_t length, int32_t *status);

/** Returns XXH64 (xxHash specification 0.1.1). */
HD_API uint64_t hd_xxh64(const uint8_t *data, int64_t length, uint64_t seed, int32_t *status);

#endif
