/* Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0 */

/* Operations on texts. */
#include "internal.h"

#include <string.h>

/* Reads a byte once, on which bounds depend: another thread may change it, which must not lead beyond them. */
static uint8_t once(const uint8_t *byte) { return *(const volatile uint8_t *)byte; }

/* The length of the sequence at the beginning of a text that is not empty, 0 if it is not UTF-8 (RFC 3629, 4). */
static int sequence(const uint8_t *text, int64_t length) {
  uint8_t first = once(text);
  if (first < 0x80) {
    return 1;
  }
  if (first < 0xc2 || first > 0xf4) {
    return 0;
  }
  int bytes = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (length < bytes) {
    return 0;
  }
  uint8_t least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  uint8_t greatest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (text[1] < least || text[1] > greatest) {
    return 0;
  }
  for (int i = 2; i < bytes; i++) {
    if ((text[i] & 0xc0) != 0x80) {
      return 0;
    }
  }
  return bytes;
}

int32_t hd_utf8_validate(const uint8_t *text, int64_t length, int64_t *offset) {
  int32_t status = hdi_check_bytes(text, length);
  if (status == HD_OK) {
    status = hdi_check_numbers(offset, 1);
  }
  if (status != HD_OK) {
    return status;
  }
  int64_t i = hdi_kernels()->utf8_valid(text, length);
  while (i < length) {
    int bytes = sequence(text + i, length - i);
    if (bytes == 0) {
      *offset = i;
      return HD_INVALID_UTF8;
    }
    i += bytes;
  }
  return HD_OK;
}

int64_t hd_utf8_count(const uint8_t *text, int64_t length, int32_t *status) {
  return hdi_is_ok(hdi_check_bytes(text, length), status) ? hdi_kernels()->utf8_count(text, length) : 0;
}

/* Checks the arguments of what reads a text and writes one of the same length. */
static int32_t check_both(const uint8_t *text, int64_t length, const uint8_t *written, int64_t capacity) {
  int32_t status = hdi_check_bytes(text, length);
  if (status == HD_OK) {
    status = hdi_check_bytes(written, capacity);
  }
  if (status != HD_OK) {
    return status;
  }
  if (capacity < length) {
    return HD_CAPACITY;
  }
  return hdi_overlap(text, length, written, length) ? HD_OVERLAP : HD_OK;
}

int32_t hd_utf8_reverse(const uint8_t *text, int64_t length, uint8_t *reversed, int64_t capacity) {
  int32_t status = check_both(text, length, reversed, capacity);
  int64_t offset;
  if (status == HD_OK) {
    status = hd_utf8_validate(text, length, &offset);
  }
  if (status != HD_OK) {
    return status;
  }
  for (int64_t i = 0; i < length;) {
    uint8_t first = once(text + i);
    int64_t bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (bytes > length - i) { /* somebody has changed the text since it was looked at */
      bytes = length - i;
    }
    for (int64_t j = 0; j < bytes; j++) {
      reversed[length - i - bytes + j] = text[i + j];
    }
    i += bytes;
  }
  return HD_OK;
}

/* The second byte of what a character U+00C0 to U+00FF becomes, given its own; 0 if that is not in Latin-1. */
typedef uint8_t (*latin1_case)(uint8_t second);

static uint8_t latin1_upper(uint8_t second) {
  if (second == 0x9f || second == 0xbf) { /* sharp s, y with diaeresis */
    return 0;
  }
  return second >= 0xa0 && second != 0xb7 ? (uint8_t)(second - 0x20) : second; /* but for the division sign */
}

static uint8_t latin1_lower(uint8_t second) {
  return second < 0x9f && second != 0x97 ? (uint8_t)(second + 0x20) : second; /* but for the multiplication sign */
}

/* Whether a character of two bytes is in Latin-1, and its other case, too. */
static bool stays_in_latin1(uint8_t first, uint8_t second, latin1_case of_latin1, bool upper) {
  return first == 0xc3 ? of_latin1(second) != 0 : first == 0xc2 && !(upper && second == 0xb5); /* the micro sign */
}

/* Whether a text has only characters whose other case is in Latin-1. */
static int32_t check_latin1(const uint8_t *text, int64_t length, latin1_case of_latin1, bool upper) {
  for (int64_t i = 0; i < length;) {
    if (text[i] < 0x80) {
      i++;
      i += hdi_kernels()->ascii(text + i, length - i);
      continue;
    }
    int bytes = sequence(text + i, length - i);
    if (bytes == 0) {
      return HD_INVALID_UTF8;
    }
    if (bytes > 2 || (bytes == 2 && !stays_in_latin1(text[i], text[i + 1], of_latin1, upper))) {
      int64_t offset; /* the rest may be invalid, which says more */
      int32_t status = hd_utf8_validate(text + i, length - i, &offset);
      return status == HD_OK ? HD_UNSUPPORTED : status;
    }
    i += bytes;
  }
  return HD_OK;
}

static int32_t change_case(const uint8_t *text, int64_t length, uint8_t *changed, int64_t capacity, uint8_t first,
                           latin1_case of_latin1) {
  int32_t status = check_both(text, length, changed, capacity);
  if (status == HD_OK) {
    status = check_latin1(text, length, of_latin1, first == 'a');
  }
  if (status != HD_OK) {
    return status;
  }
  hdi_kernels()->change_case(text, length, changed, first); /* leaves the others as they are */
  int64_t i = hdi_kernels()->ascii(text, length);
  while (i < length) {
    if (text[i] == 0xc3 && i + 1 < length) { /* there is one more, unless somebody has changed the text since */
      changed[i + 1] = of_latin1(text[i + 1]);
    }
    i++;
    if (i < length && text[i] < 0x80) {
      i += hdi_kernels()->ascii(text + i, length - i);
    }
  }
  return HD_OK;
}

int32_t hd_utf8_upper(const uint8_t *text, int64_t length, uint8_t *upper, int64_t capacity) {
  return change_case(text, length, upper, capacity, 'a', latin1_upper);
}

int32_t hd_utf8_lower(const uint8_t *text, int64_t length, uint8_t *lower, int64_t capacity) {
  return change_case(text, length, lower, capacity, 'A', latin1_lower);
}

int64_t hd_count_words(const uint8_t *text, int64_t length, int32_t *status) {
  return hdi_is_ok(hdi_check_bytes(text, length), status) ? hdi_kernels()->count_words(text, length) : 0;
}

int64_t hd_find(const uint8_t *text, int64_t length, const uint8_t *needle, int64_t needle_length,
                int32_t *status) {
  int32_t found = hdi_check_bytes(text, length);
  if (found == HD_OK) {
    found = hdi_check_bytes(needle, needle_length);
  }
  if (!hdi_is_ok(found, status) || needle_length > length) {
    return -1;
  }
  return needle_length == 0 ? 0 : hdi_kernels()->find(text, length, needle, needle_length);
}

uint64_t hd_fnv1a_64(const uint8_t *data, int64_t length, int32_t *status) {
  if (!hdi_is_ok(hdi_check_bytes(data, length), status)) {
    return 0;
  }
  uint64_t state = UINT64_C(0xcbf29ce484222325);
  for (int64_t i = 0; i < length; i++) {
    state = (state ^ data[i]) * UINT64_C(0x100000001b3);
  }
  return state;
}

/* ---- XXH64 */

#define PRIME_1 UINT64_C(0x9e3779b185ebca87)
#define PRIME_2 UINT64_C(0xc2b2ae3d27d4eb4f)
#define PRIME_3 UINT64_C(0x165667b19e3779f9)
#define PRIME_4 UINT64_C(0x85ebca77c2b2ae63)
#define PRIME_5 UINT64_C(0x27d4eb2f165667c5)

static uint64_t rotate(uint64_t value, int bits) { return value << bits | value >> (64 - bits); }

/* Little-endian, at any address. */
static uint64_t read_64(const uint8_t *data) {
  uint64_t value;
  memcpy(&value, data, sizeof value);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  value = __builtin_bswap64(value);
#endif
  return value;
}

static uint32_t read_32(const uint8_t *data) {
  uint32_t value;
  memcpy(&value, data, sizeof value);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  value = __builtin_bswap32(value);
#endif
  return value;
}

static uint64_t xxh64_round(uint64_t lane, uint64_t input) {
  return rotate(lane + input * PRIME_2, 31) * PRIME_1;
}

uint64_t hd_xxh64(const uint8_t *data, int64_t length, uint64_t seed, int32_t *status) {
  if (!hdi_is_ok(hdi_check_bytes(data, length), status)) {
    return 0;
  }
  int64_t i = 0;
  uint64_t state = seed + PRIME_5;
  if (length >= 32) {
    uint64_t lanes[4] = {seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1};
    for (; i + 32 <= length; i += 32) {
      for (int j = 0; j < 4; j++) {
        lanes[j] = xxh64_round(lanes[j], read_64(data + i + 8 * j));
      }
    }
    state = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
    for (int j = 0; j < 4; j++) {
      state = (state ^ xxh64_round(0, lanes[j])) * PRIME_1 + PRIME_4;
    }
  }
  state += (uint64_t)length;
  for (; i + 8 <= length; i += 8) {
    state = rotate(state ^ xxh64_round(0, read_64(data + i)), 27) * PRIME_1 + PRIME_4;
  }
  if (i + 4 <= length) {
    state = rotate(state ^ read_32(data + i) * PRIME_1, 23) * PRIME_2 + PRIME_3;
    i += 4;
  }
  for (; i < length; i++) {
    state = rotate(state ^ data[i] * PRIME_5, 11) * PRIME_1;
  }
  state = (state ^ state >> 33) * PRIME_2;
  state = (state ^ state >> 29) * PRIME_3;
  return state ^ state >> 32;
}
